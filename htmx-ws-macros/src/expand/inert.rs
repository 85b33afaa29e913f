//! Impls that do nothing, next to the messages: what uses the type gives no messages of its own.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::attributes;
use crate::lower::inert::Plan;

pub(crate) fn component(plan: &Plan) -> TokenStream {
    let Plan { ident, generics, krate, repeated, has_own_render, messages } = plan;
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let attributes = attributes(*repeated);
    let render = (!has_own_render).then(|| {
        quote! {
            #attributes
            impl #impl_generics #krate::private::Render for #ident #type_generics #where_clause {
                fn render_to(&self, _: &mut #krate::private::String) {}
            }
        }
    });
    quote! {
        #messages

        #attributes
        impl #impl_generics #krate::Component for #ident #type_generics #where_clause {
            const NESTING: #krate::Nesting = #krate::Nesting::Leaf;

            fn id(&self) -> #krate::DomId {
                loop {}
            }

            fn render_to(&self, _: &mut #krate::private::String) {}
        }

        #render
    }
}

pub(crate) fn status(plan: &Plan) -> TokenStream {
    let Plan { ident, generics, krate, repeated, messages, .. } = plan;
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let attributes = attributes(*repeated);
    quote! {
        #messages

        #attributes
        impl #impl_generics #krate::Status for #ident #type_generics #where_clause {
            fn label(&self) -> #krate::private::Cow<'_, ::core::primitive::str> {
                loop {}
            }

            fn tone(&self) -> #krate::Tone {
                loop {}
            }
        }
    }
}
