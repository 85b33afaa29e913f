//! The impls of a component.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{ExprPath, Path};

use crate::expand::attributes;
use crate::lower::Access;
use crate::lower::component::{Body, Id, Nesting, Passed, Piece, Plan, Setter, Value};

pub(crate) fn expand(plan: &Plan) -> TokenStream {
    let Plan { ident, generics, krate, .. } = plan;
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let attributes = attributes();
    let nesting = match plan.nesting {
        Nesting::Leaf => quote!(Leaf),
        Nesting::Branch => quote!(Branch),
    };
    let id = id(&plan.id, krate);
    let list = plan.list.as_ref().map(|list| self::list(list, krate));
    let body = match &plan.body {
        Body::Call(function) => call(function, krate),
        Body::View { view, arguments, setters } => {
            let arguments = arguments.iter().map(|it| value(it, krate));
            let setters = setters.iter().map(|it| setter(it, krate));
            quote! {
                #krate::private::#view::new(&<Self as #krate::Component>::id(self) #(, #arguments)*) #(#setters)* .render_to(__buffer);
            }
        }
    };
    quote! {
        #attributes
        impl #impl_generics #krate::Component for #ident #type_generics #where_clause {
            const NESTING: #krate::Nesting = #krate::Nesting::#nesting;

            fn id(&self) -> #krate::DomId {
                #id
            }

            #list

            fn render_to(&self, __buffer: &mut #krate::private::String) {
                #body
            }
        }

        #attributes
        impl #impl_generics #krate::private::Render for #ident #type_generics #where_clause {
            fn render_to(&self, __buffer: &mut #krate::private::String) {
                #krate::private::render_in_page(self, __buffer)
            }
        }
    }
}

fn id(id: &Id, krate: &Path) -> TokenStream {
    let start = &id.start;
    let rest = id.rest.iter().map(|piece| match piece {
        Piece::Text(text) => quote!(.text(#text)),
        Piece::Field(access) => {
            let field = reference(access);
            quote!(.field(#field))
        }
    });
    quote!(#krate::private::IdTemplate::new(#start) #(#rest)* .finish())
}

fn list(list: &Id, krate: &Path) -> TokenStream {
    let list = id(list, krate);
    quote! {
        fn list(&self) -> ::core::option::Option<#krate::DomId> {
            ::core::option::Option::Some(#list)
        }
    }
}

/// The call of the user's function. It is all written at the path of the function, so that a wrong signature is an error there.
fn call(function: &ExprPath, krate: &Path) -> TokenStream {
    let span = Span::call_site().located_at(function.span());
    let call = quote_spanned!(span=> #function(self));
    quote! {
        let __markup: #krate::private::Markup = #call;
        __buffer.push_str(&__markup.0);
    }
}

fn setter(setter: &Setter, krate: &Path) -> TokenStream {
    let Setter { method, label, value } = setter;
    let label = label.iter();
    let value = self::value(value, krate);
    quote!(.#method(#(#label,)* #value))
}

fn value(value: &Value, krate: &Path) -> TokenStream {
    let access = &value.access;
    match value.passed {
        Passed::Copy => copy(access),
        Passed::Reference => reference(access),
        Passed::Progress => {
            let field = reference(access);
            quote!(#krate::private::ProgressValue::progress(#field))
        }
        Passed::Some => {
            let field = reference(access);
            quote!(::core::option::Option::<&dyn ::core::fmt::Display>::Some(#field))
        }
        Passed::Option => {
            let field = reference(access);
            let inner = quote_spanned!(access.start=> __value);
            quote! {
                ::core::option::Option::map(
                    ::core::option::Option::as_ref(#field),
                    |__value| -> &dyn ::core::fmt::Display { #inner },
                )
            }
        }
    }
}

/// `self.field`, from the first token of the field's type to the last.
fn copy(access: &Access) -> TokenStream {
    let Access { member, start, .. } = access;
    quote_spanned!(*start=> self.#member)
}

/// `&self.field`, from the first token of the field's type to the last.
fn reference(access: &Access) -> TokenStream {
    let field = copy(access);
    quote_spanned!(access.start=> &#field)
}
