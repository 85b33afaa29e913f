//! The impls of a component.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{ExprPath, Path};

use crate::expand::{allowed_names, attributes, copy, id, reference, text_and_field};
use crate::lower::component::{Body, Nesting, Passed, Plan, Shown, Value, View};
use crate::lower::{Access, Id};

pub(crate) fn expand(plan: &Plan) -> TokenStream {
    let Plan { ident, generics, krate, repeated, .. } = plan;
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let attributes = attributes(*repeated);
    let nesting = match plan.nesting {
        Nesting::Leaf => quote!(Leaf),
        Nesting::Branch => quote!(Branch),
    };
    let shape = plan.id.shape();
    let id = id(&plan.id, krate);
    let list = plan.list.as_ref().map(|list| self::list(list, krate));
    let parts = (!plan.parts.is_empty()).then(|| parts(&plan.parts, krate));
    let render = (!matches!(plan.body, Body::Own(_))).then(|| {
        quote! {
            #attributes
            impl #impl_generics #krate::private::Render for #ident #type_generics #where_clause {
                fn render_to(&self, __buffer: &mut #krate::private::String) {
                    #krate::private::render_in_page(self, __buffer)
                }
            }
        }
    });
    let body = match &plan.body {
        Body::Call(function) => call(function, krate, &quote!(__buffer.push_str(&__markup.0);)),
        Body::Own(function) => call(function, krate, &quote!(#krate::private::push_own(self, &__markup.0, __buffer);)),
        Body::View(view) => self::view(view, krate),
    };
    quote! {
        #attributes
        impl #impl_generics #krate::Component for #ident #type_generics #where_clause {
            const NESTING: #krate::Nesting = #krate::Nesting::#nesting;
            const ID_SHAPE: &'static ::core::primitive::str = #shape;

            fn id(&self) -> #krate::DomId {
                #krate::private::id_of(self)
            }

            fn write_id(&self, __buffer: &mut #krate::private::String) {
                #id
            }

            #list

            #parts

            fn render_to(&self, __buffer: &mut #krate::private::String) {
                #body
            }
        }

        #render
    }
}

fn list(list: &Id, krate: &Path) -> TokenStream {
    let list = if let Some(arguments) = text_and_field(list) {
        quote!(#krate::private::list_of(#arguments))
    } else {
        let list = id(list, krate);
        quote!(#krate::private::list_id(|__buffer| #list))
    };
    quote! {
        fn list(&self) -> ::core::option::Option<#krate::DomId> {
            #list
        }
    }
}

fn parts(parts: &[Access], krate: &Path) -> TokenStream {
    let parts = parts.iter().map(reference);
    quote! {
        fn parts(&self, __parts: &mut #krate::Parts) {
            #(#krate::Parts::add(__parts, #parts);)*
        }
    }
}

/// The call of the user's function, and what becomes of its markup. It is all written at the path of the function, so that a wrong signature is an error there.
fn call(function: &ExprPath, krate: &Path, push: &TokenStream) -> TokenStream {
    let span = Span::call_site().located_at(function.span());
    let call = quote_spanned!(span=> #function(self));
    let allowed = allowed_names();
    quote! {
        #allowed
        let __markup: #krate::private::Markup = #call;
        #push
    }
}

fn view(view: &View, krate: &Path) -> TokenStream {
    let View { name, arguments, setters, labelled, paths } = view;
    let arguments = arguments.iter().map(|it| value(it, krate));
    let setters = setters.iter().map(|(method, it)| {
        let value = value(it, krate);
        quote!(.#method(#value))
    });
    let labelled = labelled.iter().map(|(label, it)| {
        let value = value(it, krate);
        quote!((#label, #value))
    });
    let labelled = (labelled.len() > 0).then(|| quote!(.stats(&[#(#labelled),*])));
    // All at the path, so that one to something else is an error there.
    let paths = paths.iter().map(|(method, path)| quote_spanned!(Span::call_site().located_at(path.span())=> .#method(&#path)));
    quote! {
        #krate::private::#name::new(&#krate::private::IdOf(self) #(, #arguments)*) #(#setters)* #labelled #(#paths)* .render_to(__buffer);
    }
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
        Passed::Order => {
            let field = reference(access);
            quote!(::core::option::Option::Some(#krate::private::Ordinal::ordinal(#field)))
        }
        Passed::Text => {
            let probe = probe(access, krate);
            quote!(#probe.text())
        }
        Passed::Some(Shown::Plain) => {
            let probe = probe(access, krate);
            quote!(#probe.some())
        }
        Passed::Some(shown) => {
            let (field, shown) = (reference(access), self::shown(shown, krate));
            quote!(::core::option::Option::<&dyn #shown>::Some(#field))
        }
        Passed::Option(Shown::Plain) => {
            let probe = probe(access, krate);
            quote!(#probe.optional())
        }
        Passed::Option(Shown::Text) => {
            let field = reference(access);
            quote!(#krate::private::optional_text(#field))
        }
        Passed::Option(Shown::Time) => {
            let field = reference(access);
            quote!(#krate::private::optional_time(#field))
        }
    }
}

/// A field of a type that is called like a text, as the library writes it best.
fn probe(access: &Access, krate: &Path) -> TokenStream {
    let field = reference(access);
    quote!(#krate::private::Probe::new(#field))
}

fn shown(shown: Shown, krate: &Path) -> TokenStream {
    match shown {
        Shown::Text | Shown::Plain => quote!(#krate::Text),
        Shown::Time => quote!(#krate::Timestamp),
    }
}
