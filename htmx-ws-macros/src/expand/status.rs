//! The impl of a status.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::Path;

use crate::expand::attributes;
use crate::lower::status::{Argument, Label, Plan, Variant};

pub(crate) fn expand(plan: &Plan) -> TokenStream {
    let Plan { ident, generics, krate, repeated, variants } = plan;
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let attributes = attributes(*repeated);
    let label = by_variant(variants, |variant| label(variant, krate));
    let tone = by_variant(variants, |Variant { ident, tone, .. }| quote!(Self::#ident { .. } => #krate::Tone::#tone));
    let icon = variants.iter().any(|variant| variant.icon.is_some()).then(|| icon(variants));
    let is_active = flag(variants, &quote!(is_active), |variant| variant.active);
    let is_terminal = flag(variants, &quote!(is_terminal), |variant| variant.terminal);
    quote! {
        #attributes
        impl #impl_generics #krate::Status for #ident #type_generics #where_clause {
            fn label(&self) -> #krate::private::Cow<'_, ::core::primitive::str> {
                #label
            }

            fn tone(&self) -> #krate::Tone {
                #tone
            }

            #icon

            #is_active

            #is_terminal
        }
    }
}

fn by_variant(variants: &[Variant], arm: impl Fn(&Variant) -> TokenStream) -> TokenStream {
    if variants.is_empty() {
        // No arms are enough for a place of an empty type, but not for a reference to one.
        return quote!(match *self {});
    }
    let arms = variants.iter().map(arm);
    quote! {
        match self {
            #(#arms,)*
        }
    }
}

fn label(variant: &Variant, krate: &Path) -> TokenStream {
    let Variant { ident, label, .. } = variant;
    match label {
        Label::Text(text) => quote!(Self::#ident { .. } => #krate::private::Cow::Borrowed(#text)),
        Label::Format { text, arguments, bindings } => {
            let members = bindings.iter().map(|binding| &binding.member);
            let names = bindings.iter().map(|binding| &binding.name);
            let arguments = arguments.iter().map(argument);
            quote!(Self::#ident { #(#members: #names,)* .. } => #krate::private::Cow::Owned(#krate::private::format!(#text #(, #arguments)*)))
        }
    }
}

fn argument(argument: &Argument) -> TokenStream {
    let Argument { name, rest } = argument;
    quote_spanned!(name.span()=> #name #(.#rest)*)
}

fn icon(variants: &[Variant]) -> TokenStream {
    let icons = variants.iter().filter_map(|Variant { ident, icon, .. }| {
        let icon = icon.as_ref()?;
        Some(quote!(Self::#ident { .. } => ::core::option::Option::Some(#icon),))
    });
    let others = variants.iter().any(|variant| variant.icon.is_none()).then(|| quote!(_ => ::core::option::Option::None,));
    quote! {
        fn icon(&self) -> ::core::option::Option<&::core::primitive::str> {
            match self {
                #(#icons)*
                #others
            }
        }
    }
}

/// The method that says whether a variant has a flag. Without one that has, the trait's own says enough.
fn flag(variants: &[Variant], method: &TokenStream, has: impl Fn(&Variant) -> bool) -> Option<TokenStream> {
    let idents: Vec<&Ident> = variants.iter().filter(|variant| has(variant)).map(|variant| &variant.ident).collect();
    (!idents.is_empty()).then(|| {
        quote! {
            fn #method(&self) -> ::core::primitive::bool {
                ::core::matches!(self, #(Self::#idents { .. })|*)
            }
        }
    })
}
