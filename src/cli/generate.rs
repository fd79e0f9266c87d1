//! `glassbox generate`: a language model continues a text, and says what it weighed for each token.

mod spoken;

use super::batch::answer_lines;
use super::common::Common;
use super::output::Report;
use crate::files::manifest;
use crate::labs::text::{
    EMBEDDED, Event, Finished, LoadedText, Message, Overflow, Request, Sampling, Seen, Source,
    Stage, Token, generate, load, read_chat, read_ids, read_raw, weigh,
};
use crate::refusal::Result;
use serde::Deserialize;
use serde_json::{Value, json};
use spoken::Spoken;
use std::ops::ControlFlow;

/// What to continue, and how.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["prompt", "chat", "ids", "batch"]))]
pub struct Args {
    /// A model of models/manifest.toml, `stories`, or a path; unless given, smollm2 where present
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// Text to continue as it is; - reads stdin
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    prompt: Option<String>,
    /// What you say to the assistant, through the model's chat template; - reads stdin
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    chat: Option<String>,
    /// Rules for the assistant, said before --chat
    #[arg(long, value_name = "TEXT", requires = "chat")]
    system: Option<String>,
    /// Token ids to continue, for a model without a tokenizer: 0,1,2
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    ids: Option<Vec<u32>>,
    /// One JSON value per line of FILE (- reads stdin): a string to continue, or {"chat": "…"};
    /// one JSON result per line, the model loaded once
    #[arg(long, value_name = "FILE")]
    batch: Option<String>,
    /// The most tokens to write
    #[arg(long, value_name = "N", default_value_t = 64)]
    tokens: usize,
    /// Below 1 sharpens, above 1 flattens; 0 always takes the most probable token (greedy)
    #[arg(long, value_name = "T", default_value_t = 0.8)]
    temperature: f64,
    /// Keep the K most probable tokens; 0 is off
    #[arg(long, value_name = "K", default_value_t = 40)]
    top_k: usize,
    /// Keep the fewest most probable tokens that hold this share; 1 is off
    #[arg(long, value_name = "P", default_value_t = 0.95)]
    top_p: f64,
    /// Keep tokens at least P times as probable as the best one; 0 is off
    #[arg(long, value_name = "P", default_value_t = 0.05)]
    min_p: f64,
    /// Keep tokens about as surprising as expected, up to this share; 1 is off
    #[arg(long, value_name = "P", default_value_t = 1.0)]
    typical_p: f64,
    /// Make tokens of the recent text less likely; 1 is off
    #[arg(long, value_name = "R", default_value_t = 1.0)]
    repeat_penalty: f64,
    /// How many tokens count as recent
    #[arg(long, value_name = "N", default_value_t = 64)]
    repeat_last_n: usize,
    /// The order of the sampling steps; a step left out is not applied
    #[arg(long, value_name = "STEP,…", value_delimiter = ',', value_parser = parse_stage)]
    order: Option<Vec<Stage>>,
    /// A text that ends the answer; may be given several times
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    stop: Vec<String>,
    /// When the context is full: stop, or drop the oldest tokens
    #[arg(long, value_name = "WHAT", default_value = "stop", value_parser = parse_overflow)]
    overflow: Overflow,
    /// How many of the best candidates to list for each token, by their raw probability
    #[arg(long, value_name = "N", default_value_t = 5)]
    top: usize,
    /// List the logit of every token of the vocabulary for each token written
    #[arg(long)]
    logits: bool,
}

/// One line of `--batch`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Question {
    Prompt(String),
    Chat { chat: String },
}

/// Continues the text; streams it to stdout, or prints one document with `--json`.
///
/// # Errors
/// When the model cannot be loaded, the text is refused, or the arithmetic fails.
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    let text = args.prompt.as_deref().or(args.chat.as_deref());
    let text = text.map(|text| common.text_or_stdin(text)).transpose()?;
    let loaded = load_model(args.model.as_deref(), common)?;
    if let Some(batch) = &args.batch {
        return answer_lines(batch, common, |question| {
            let seen = match question {
                Question::Prompt(prompt) => read_raw(&loaded, &prompt)?,
                Question::Chat { chat } => read_chat(&loaded, &messages(args, &chat))?,
            };
            let answer = answer(&loaded, args, common, &seen, &mut |_| {})?;
            Ok(document(&loaded, args, &seen, &answer))
        });
    }
    let seen = match (&args.ids, text) {
        (Some(ids), _) => read_ids(&loaded, ids)?,
        (None, Some(text)) if args.chat.is_some() => read_chat(&loaded, &messages(args, &text))?,
        (None, text) => read_raw(&loaded, &text.unwrap_or_default())?,
    };
    seen.notes.iter().for_each(|note| common.remark(note));
    let mut spoken = Spoken::new(&args.stop);
    let answer = answer(&loaded, args, common, &seen, &mut |token| {
        if !token.special {
            spoken.hear(&token.bytes);
        }
        common.say(&spoken.ready());
    })?;
    common.say(&spoken.rest(answer.finished.n_text_bytes));
    common.say("\n");
    common.remark(&in_words(&answer.finished));
    Ok(Report::new(document(&loaded, args, &seen, &answer), ""))
}

/// Loads the model a verb was given by name or path, with a bar on stderr.
///
/// # Errors
/// When there is no such model, or it cannot be used.
pub fn load_model(name: Option<&str>, common: &Common) -> Result<std::sync::Arc<LoadedText>> {
    let source = name.map_or(Source::Default, Source::of);
    let bar = common.progress_bar("Loading the model");
    let loaded = load(
        &source,
        &manifest::folders(),
        common.compute.get(),
        &mut |progress| {
            bar.set_message(progress.label);
            bar.set_position((progress.fraction * 1000.0) as u64);
            common.stop.flow()
        },
    );
    bar.finish_and_clear();
    let loaded = loaded?;
    if source == Source::Default && loaded.name == EMBEDDED {
        common.remark(
            "Answering with the built-in model `stories`. For real language: glassbox models get smollm2",
        );
    }
    Ok(loaded)
}

fn messages(args: &Args, text: &str) -> Vec<Message> {
    let message = |role: &str, content: &str| Message {
        role: role.into(),
        content: content.into(),
    };
    let system = args.system.iter().map(|rules| message("system", rules));
    system.chain([message("user", text)]).collect()
}

/// What was written, with the loop's own account of it.
struct Answer {
    tokens: Vec<Token>,
    finished: Finished,
}

fn answer(
    loaded: &LoadedText,
    args: &Args,
    common: &Common,
    seen: &Seen,
    hear: &mut dyn FnMut(&Token),
) -> Result<Answer> {
    let request = Request {
        sampling: sampling(args),
        seed: common.seed,
        stop: args.stop.clone(),
        overflow: args.overflow,
        ..Request::new(seen.ids.clone(), args.tokens)
    };
    let mut tokens = Vec::new();
    let finished = generate(loaded, &request, &mut |event| {
        match event {
            Event::Token(mut token) => {
                hear(&token);
                if !args.logits && args.top == 0 {
                    token.logits = [].into();
                }
                tokens.push(token);
            }
            Event::Dropped { n_dropped } => common.remark(&format!(
                "The context is full: the oldest {n_dropped} tokens are no longer seen."
            )),
            Event::Reading { .. } => {}
        }
        if common.stop.is_set() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    Ok(Answer { tokens, finished })
}

fn sampling(args: &Args) -> Sampling {
    let usual = Sampling::default();
    Sampling {
        temperature: args.temperature,
        top_k: args.top_k,
        top_p: args.top_p,
        min_p: args.min_p,
        typical_p: args.typical_p,
        repeat_penalty: args.repeat_penalty,
        repeat_last_n: args.repeat_last_n,
        order: args.order.clone().unwrap_or(usual.order),
    }
}

fn document(loaded: &LoadedText, args: &Args, seen: &Seen, answer: &Answer) -> Value {
    let mut bytes: Vec<u8> = Vec::new();
    let spoken = answer.tokens.iter().filter(|token| !token.special);
    spoken.for_each(|token| bytes.extend_from_slice(&token.bytes));
    bytes.truncate(answer.finished.n_text_bytes);
    let timings = &answer.finished.timings;
    let tokens = answer.tokens.iter().map(|t| token_json(loaded, args, t));
    json!({
        "model": loaded.name,
        "prompt_ids": seen.ids,
        "prompt_text": seen.text,
        "text": String::from_utf8_lossy(&bytes),
        "tokens": tokens.collect::<Vec<_>>(),
        "stop": answer.finished.stop,
        "n_prompt": seen.ids.len(),
        "prompt_tok_per_sec": timings.prompt_tok_per_sec,
        "decode_tok_per_sec": timings.decode_tok_per_sec,
        "first_token_millis": timings.first_token_millis,
    })
}

/// One token. `top` lists the best candidates with their raw probability, before any sampling step.
fn token_json(loaded: &LoadedText, args: &Args, token: &Token) -> Value {
    let text = |id: u32| String::from_utf8_lossy(&loaded.token_bytes(id)).into_owned();
    let mut json = json!({
        "id": token.id,
        "text": text(token.id),
        "logit": token.logit,
        "p_raw": token.p_raw,
        "p_sampled": token.p_sampled,
        "nucleus_size": token.nucleus_size,
    });
    let top = if args.top == 0 {
        Vec::new()
    } else {
        // A chain without steps keeps every token, best first.
        let nothing = Sampling {
            order: Vec::new(),
            ..Sampling::plain()
        };
        weigh(&token.logits, &[], &nothing).survivors
    };
    json["top"] = top
        .iter()
        .take(args.top)
        .map(|c| json!({ "id": c.id, "text": text(c.id), "logit": c.logit, "p": c.p }))
        .collect();
    if args.logits {
        json["logits"] = json!(&*token.logits);
    }
    json
}

fn in_words(finished: &Finished) -> String {
    let mut words = finished.stop.sentence();
    let timings = &finished.timings;
    let figures = [
        (timings.first_token_millis, "ms to the first token"),
        (timings.prompt_tok_per_sec, "prompt tokens a second"),
        (timings.decode_tok_per_sec, "tokens a second"),
    ];
    let said: Vec<String> = figures
        .iter()
        .filter_map(|(value, unit)| value.map(|value| format!("{value:.0} {unit}")))
        .collect();
    if !said.is_empty() {
        words = format!("{words} ({})", said.join(", "));
    }
    words
}

fn parse_stage(name: &str) -> std::result::Result<Stage, String> {
    let found = Stage::ALL.into_iter().find(|stage| stage.name() == name);
    found.ok_or_else(|| {
        let known = Stage::ALL.map(Stage::name).join(", ");
        format!("the steps are {known}")
    })
}

fn parse_overflow(name: &str) -> std::result::Result<Overflow, String> {
    match name {
        "stop" => Ok(Overflow::Stop),
        "drop-oldest" => Ok(Overflow::DropOldest),
        _ => Err("say stop or drop-oldest".into()),
    }
}
