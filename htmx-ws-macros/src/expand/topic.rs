//! The impls of a topic.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use crate::expand::{attributes, id};
use crate::lower::topic::{Carried, Pair, Plan, Target};

pub(crate) fn expand(plan: &Plan) -> TokenStream {
    let Plan { target, name, carries, pairs } = plan;
    let krate = &target.krate;
    let patch = quote!(#krate::Patch);
    let name = id(name, krate);
    let named = carried(target, &quote!(#krate::TopicFor<#patch>), &quote!(#krate::private::named(|__buffer| #name)));
    let carried = carries.iter().map(|Carried { ty, at }| {
        let body = quote!(<Self as #krate::TopicFor<#patch>>::topic_for(self));
        carried(target, &located(quote!(#krate::TopicFor<#ty>), *at), &body)
    });
    let try_from = try_from(target, &quote!(<&_ as #krate::TopicFor<#patch>>::topic_for(__topic)));
    let checks = (!pairs.is_empty()).then(|| {
        let checks = pairs.iter().map(|pair| check(pair, target));
        quote! {
            const _: () = {
                #[allow(unused_imports)]
                use #krate::private::NoShape as _;
                #(#checks)*
            };
        }
    });
    quote!(#named #(#carried)* #try_from #checks)
}

/// The impls beside the messages: it carries everything.
pub(crate) fn inert(target: &Target, messages: &TokenStream) -> TokenStream {
    let Target { ident, generics, borrowed, lifetime, krate, repeated } = target;
    let mut open = borrowed.clone();
    open.params.push(syn::parse_quote!(__V: #krate::ToPatch + ?::core::marker::Sized));
    let (impl_generics, ..) = open.split_for_impl();
    let (_, type_generics, where_clause) = generics.split_for_impl();
    let attributes = attributes(*repeated);
    let result = result(target);
    let try_from = try_from(target, &quote!(loop {}));
    quote! {
        #messages

        #attributes
        impl #impl_generics #krate::TopicFor<__V> for &#lifetime #ident #type_generics #where_clause {
            fn topic_for(self) -> #result {
                loop {}
            }
        }

        #try_from
    }
}

/// All of `tokens` at one place, resolved as before: an error about a part of them stands there.
fn located(tokens: TokenStream, at: Span) -> TokenStream {
    let located = tokens.into_iter().map(|mut token| {
        if let TokenTree::Group(group) = &token {
            token = Group::new(group.delimiter(), located(group.stream(), at)).into();
        }
        token.set_span(token.span().located_at(at));
        token
    });
    located.collect()
}

/// The impl for one component that the topic carries.
fn carried(target: &Target, topic_for: &TokenStream, body: &TokenStream) -> TokenStream {
    let Target { ident, generics, borrowed, lifetime, repeated, .. } = target;
    let (impl_generics, ..) = borrowed.split_for_impl();
    let (_, type_generics, where_clause) = generics.split_for_impl();
    let attributes = attributes(*repeated);
    let result = result(target);
    quote! {
        #attributes
        impl #impl_generics #topic_for for &#lifetime #ident #type_generics #where_clause {
            fn topic_for(self) -> #result {
                #body
            }
        }
    }
}

fn try_from(target: &Target, body: &TokenStream) -> TokenStream {
    let Target { ident, generics, borrowed, lifetime, krate, repeated } = target;
    let (impl_generics, ..) = borrowed.split_for_impl();
    let (_, type_generics, where_clause) = generics.split_for_impl();
    let attributes = attributes(*repeated);
    let result = result(target);
    quote! {
        #attributes
        impl #impl_generics ::core::convert::TryFrom<&#lifetime #ident #type_generics> for #krate::Topic #where_clause {
            type Error = #krate::InvalidTopic;

            #[allow(unused_variables)]
            fn try_from(__topic: &#lifetime #ident #type_generics) -> #result {
                #body
            }
        }
    }
}

fn result(target: &Target) -> TokenStream {
    let krate = &target.krate;
    quote!(::core::result::Result<#krate::Topic, #krate::InvalidTopic>)
}

fn check(pair: &Pair, target: &Target) -> TokenStream {
    let Pair { first, second, message, at } = pair;
    let krate = &target.krate;
    let private = quote!(#krate::private);
    quote_spanned! {*at=>
        ::core::assert!(!#private::can_meet(#private::ShapeOf::<#first>::SHAPE, #private::ShapeOf::<#second>::SHAPE), #message);
    }
}
