//! The first phase: the item as written, every key with its span. It judges nothing; what it cannot read it keeps as a flaw.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Data, DeriveInput, Expr, Fields, Generics, Index, Member, Meta, Token, Type, token};

use crate::mistake::Mistake;
use crate::vocabulary;

/// The item under a derive.
pub(crate) struct Written {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) is_deprecated: bool,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) body: Body,
}

pub(crate) enum Body {
    Struct(Token![struct], Vec<Field>),
    Enum(Token![enum], Vec<Variant>),
    Union(Token![union]),
}

pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) fields: Vec<Field>,
}

pub(crate) struct Field {
    pub(crate) member: Member,
    pub(crate) ty: Type,
    pub(crate) attributes: Vec<Attribute>,
}

/// One helper attribute: `#[badge(status, label)]`.
pub(crate) struct Attribute {
    pub(crate) name: String,
    /// What stands between `#[` and `]`.
    pub(crate) meta: Meta,
    /// The entries up to the flaw, if there is one.
    pub(crate) entries: Vec<Entry>,
    pub(crate) flaw: Option<Flaw>,
}

/// `key`, `key = value`, or `carries(Type, ..)`; where no types stand in the parentheses, there are none.
pub(crate) struct Entry {
    pub(crate) key: Ident,
    pub(crate) value: Option<Expr>,
    pub(crate) types: Option<Vec<Type>>,
}

/// Where the text of an attribute stops being readable.
pub(crate) struct Flaw {
    pub(crate) at: TokenStream,
    pub(crate) mistake: Mistake,
}

impl Attribute {
    /// The attribute as a message names it.
    pub(crate) fn shown(&self) -> String {
        format!("#[{}(...)]", self.name)
    }
}

impl Field {
    /// The name as a template writes it: without `r#`, and a number in a tuple.
    pub(crate) fn name(&self) -> String {
        match &self.member {
            Member::Named(ident) => ident.unraw().to_string(),
            Member::Unnamed(index) => index.index.to_string(),
        }
    }
}

/// Reads `input` with those of its attributes that are called one of `helpers`.
pub(crate) fn parse(input: DeriveInput, helpers: &[&str]) -> Written {
    let body = match input.data {
        Data::Struct(data) => Body::Struct(data.struct_token, fields(data.fields, helpers)),
        Data::Enum(data) => Body::Enum(data.enum_token, data.variants.into_iter().map(|it| variant(it, helpers)).collect()),
        Data::Union(data) => Body::Union(data.union_token),
    };
    let is_deprecated = input.attrs.iter().any(|attribute| attribute.path().is_ident("deprecated"));
    Written { ident: input.ident, generics: input.generics, is_deprecated, attributes: attributes(input.attrs, helpers), body }
}

fn variant(variant: syn::Variant, helpers: &[&str]) -> Variant {
    Variant { ident: variant.ident, attributes: attributes(variant.attrs, helpers), fields: fields(variant.fields, helpers) }
}

fn fields(fields: Fields, helpers: &[&str]) -> Vec<Field> {
    let fields = fields.into_iter().enumerate();
    fields
        .map(|(place, field)| Field {
            member: field.ident.map_or_else(|| Member::Unnamed(Index::from(place)), Member::Named),
            ty: field.ty,
            attributes: attributes(field.attrs, helpers),
        })
        .collect()
}

fn attributes(attributes: Vec<syn::Attribute>, helpers: &[&str]) -> Vec<Attribute> {
    let mut read = Vec::new();
    for attribute in attributes {
        if let Some(name) = helpers.iter().find(|name| attribute.path().is_ident(name)) {
            let (entries, flaw) = entries(&attribute.meta, name);
            read.push(Attribute { name: (*name).to_owned(), meta: attribute.meta, entries, flaw });
        }
    }
    read
}

fn entries(meta: &Meta, name: &str) -> (Vec<Entry>, Option<Flaw>) {
    let mut entries = Vec::new();
    let flaw = match meta {
        Meta::List(list) if matches!(list.delimiter, syn::MacroDelimiter::Paren(_)) => {
            let parser = |input: ParseStream<'_>| {
                let flaw = read_entries(input, &mut entries).err();
                // What stands behind a flaw has no meaning of its own, and must not become a second message.
                input.parse::<TokenStream>()?;
                Ok(flaw)
            };
            parser.parse2(list.tokens.clone()).unwrap_or_default()
        }
        _ => Some(Flaw { at: tokens(meta), mistake: Mistake::NoParentheses { attribute: name.to_owned() } }),
    };
    (entries, flaw)
}

fn read_entries(input: ParseStream<'_>, entries: &mut Vec<Entry>) -> Result<(), Flaw> {
    while !input.is_empty() {
        let key = input.call(Ident::parse_any).map_err(|_| Flaw { at: next(input), mistake: Mistake::NoWord })?;
        let shown = key.to_string();
        let mut value = None;
        if input.parse::<Option<Token![=]>>().is_ok_and(|equals| equals.is_some()) {
            let Ok(expression) = input.parse() else {
                return Err(Flaw { at: TokenTree::from(key).into(), mistake: Mistake::NoValue { key: shown } });
            };
            value = Some(ungrouped(expression));
        }
        let mut types = None;
        if key == vocabulary::CARRIES && input.peek(token::Paren) {
            types = Some(read_types(input).unwrap_or_default());
        }
        let ends = input.is_empty() || input.parse::<Token![,]>().is_ok();
        if !ends && value.is_none() && types.is_none() {
            // `id("x")`: what the key was meant to say is not known, so there is no entry.
            return Err(Flaw { at: next(input), mistake: Mistake::NoCommaOrEquals { key: shown } });
        }
        entries.push(Entry { key, value, types });
        if !ends {
            return Err(Flaw { at: next(input), mistake: Mistake::NoComma { key: shown } });
        }
    }
    Ok(())
}

fn read_types(input: ParseStream<'_>) -> syn::Result<Vec<Type>> {
    let content;
    syn::parenthesized!(content in input);
    // What is left unread in the parentheses would be a message of its own.
    let tokens: TokenStream = content.parse()?;
    let types = Punctuated::<Type, Token![,]>::parse_terminated.parse2(tokens)?;
    Ok(types.into_iter().collect())
}

/// What a `macro_rules` variable stands for: it arrives in a group without delimiters.
fn ungrouped(mut expression: Expr) -> Expr {
    while let Expr::Group(group) = expression {
        expression = *group.expr;
    }
    expression
}

fn next(input: ParseStream<'_>) -> TokenStream {
    input.parse::<TokenTree>().map(TokenStream::from).unwrap_or_default()
}

/// `tokens` as they are: `quote!` belongs to the last phase.
fn tokens(tokens: &impl quote::ToTokens) -> TokenStream {
    tokens.to_token_stream()
}
