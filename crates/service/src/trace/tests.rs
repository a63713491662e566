use super::*;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, value.parse().unwrap());
    }
    headers
}

fn counter() -> impl FnMut() -> u64 {
    let mut last = 0;
    move || {
        last += 1;
        last
    }
}

fn span(pairs: &[(&'static str, &str)]) -> Span {
    Span::of_request(&headers(pairs), counter())
}

fn sent(span: &Span) -> (String, Option<String>) {
    let mut headers = headers(&[("traceparent", "old"), ("tracestate", "old=1")]);
    span.write(&mut headers);
    let text = |name: &str| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
    };
    (text("traceparent").unwrap(), text("tracestate"))
}

#[test]
fn a_valid_context_is_continued_with_an_id_of_its_own() {
    for (flags, handed_on) in [
        ("00", "00"),
        ("01", "01"),
        ("03", "03"),
        ("ff", "03"),
        ("08", "00"),
    ] {
        let span = span(&[("traceparent", &format!("00-{TRACE}-{PARENT}-{flags}"))]);
        assert_eq!(span.trace_id(), TRACE);
        assert_eq!(span.parent_id().as_deref(), Some(PARENT));
        assert_eq!(span.id(), "0000000000000001");
        let expected = format!("00-{TRACE}-0000000000000001-{handed_on}");
        assert_eq!(sent(&span), (expected, None));
    }
}

#[test]
fn a_later_version_is_read_as_far_as_it_is_known() {
    for rest in ["", "-", "-what-the-future-brings"] {
        let span = span(&[("traceparent", &format!("cc-{TRACE}-{PARENT}-01{rest}"))]);
        assert_eq!(span.trace_id(), TRACE, "{rest}");
        assert!(sent(&span).0.starts_with("00-"), "{rest}");
    }
}

#[test]
fn an_invalid_context_begins_a_new_trace_without_the_callers_state() {
    let upper = TRACE.to_uppercase();
    let zeros = "0".repeat(32);
    for value in [
        String::new(),
        "00".to_owned(),
        format!("ff-{TRACE}-{PARENT}-01"),
        format!("0-{TRACE}-{PARENT}-01"),
        format!("0g-{TRACE}-{PARENT}-01"),
        format!("00-{TRACE}-{PARENT}-0"),
        format!("00-{TRACE}-{PARENT}-01-"),
        format!("00-{TRACE}-{PARENT}-01-more"),
        format!("cc-{TRACE}-{PARENT}-01.more"),
        format!("00-{upper}-{PARENT}-01"),
        format!("00-{TRACE}-{}-01", PARENT.to_uppercase()),
        format!("00-{zeros}-{PARENT}-01"),
        format!("00-{TRACE}-0000000000000000-01"),
        format!("00-{TRACE}0-{PARENT}-01"),
        format!("00-{}-{PARENT}0-01", &TRACE[1..]),
        format!("00_{TRACE}_{PARENT}_01"),
        format!("00-{TRACE}-{PARENT}-0é"),
    ] {
        let value = http::HeaderValue::from_bytes(value.as_bytes()).unwrap();
        let mut headers = headers(&[("tracestate", "vendor=1")]);
        headers.insert("traceparent", value.clone());
        let span = Span::of_request(&headers, counter());
        assert_ne!(span.trace_id(), TRACE, "{value:?}");
        assert_eq!(span.parent_id(), None, "{value:?}");
        assert_eq!(sent(&span).1, None, "{value:?}");
    }
}

#[test]
fn two_contexts_are_none() {
    let value = format!("00-{TRACE}-{PARENT}-01");
    let span = span(&[("traceparent", &value), ("traceparent", &value)]);
    assert_eq!(span.parent_id(), None);
}

#[test]
fn without_a_context_a_trace_begins() {
    let span = span(&[]);
    let expected = "00-00000000000000020000000000000003-0000000000000001-02";
    assert_eq!(sent(&span), (expected.to_owned(), None));
    let zeros = Span::of_request(&HeaderMap::new(), || 0);
    let expected = "00-00000000000000000000000000000001-0000000000000001-02";
    assert_eq!(sent(&zeros).0, expected, "an id of zeros is invalid");
}

#[test]
fn a_step_is_below_its_request() {
    let request = span(&[
        ("traceparent", &format!("00-{TRACE}-{PARENT}-01")),
        ("tracestate", "a=1"),
    ]);
    let step = request.child(7);
    assert_eq!(step.parent_id(), Some(request.id()));
    let expected = format!("00-{TRACE}-0000000000000007-01");
    assert_eq!(sent(&step), (expected, Some("a=1".to_owned())));
}

#[test]
fn the_state_is_handed_on_as_one_list() {
    let parent = format!("00-{TRACE}-{PARENT}-01");
    let full = (0..32)
        .map(|n| format!("k{n}={n}"))
        .collect::<Vec<_>>()
        .join(",");
    for (values, expected) in [
        (vec!["rojo=00f067aa0ba902b7"], "rojo=00f067aa0ba902b7"),
        (vec!["a=1, b=2 ,\tc=3"], "a=1,b=2,c=3"),
        (vec!["a=1,,", "b=2"], "a=1,b=2"),
        (
            vec!["fw529a3039@dt=FfAxAx_x-*/"],
            "fw529a3039@dt=FfAxAx_x-*/",
        ),
        (vec!["1a=x y!\"~"], "1a=x y!\"~"),
        (vec![full.as_str()], full.as_str()),
    ] {
        let mut pairs = vec![("traceparent", parent.as_str())];
        pairs.extend(values.iter().map(|value| ("tracestate", *value)));
        assert_eq!(sent(&span(&pairs)).1.as_deref(), Some(expected));
    }
}

#[test]
fn an_invalid_state_is_dropped_and_the_trace_goes_on() {
    let parent = format!("00-{TRACE}-{PARENT}-01");
    let many = (0..33)
        .map(|n| format!("k{n}={n}"))
        .collect::<Vec<_>>()
        .join(",");
    let long = format!("a={}", "x".repeat(257));
    for value in [
        "a", "=1", "a=", "A=1", "a=1=2", "a=1,a=2", "a b=1", "a@b@c=1", "@a=1", "", " , ", &many,
        &long,
    ] {
        let span = span(&[("traceparent", &parent), ("tracestate", value)]);
        assert_eq!(span.trace_id(), TRACE);
        assert_eq!(sent(&span).1, None, "{value}");
    }
}
