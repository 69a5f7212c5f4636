//! `fake-gemini`: the simulated Gemini API as a program.

use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use fake_gemini::{FakeGemini, Fault, KeyPlan, Quota, Script};

/// A simulated Gemini API, to try a gateway or a client without a Google account.
///
/// It answers generateContent, streamGenerateContent, countTokens, embedContent,
/// batchEmbedContents and models, checks requests as strictly as Google does, counts quotas per
/// project and model, and fails on purpose where told to. The model repeats what the user said;
/// with functions declared and the word "weather" in the question it calls them, and it calls what
/// the user dictates: `Call NAME with {"an": "argument"}`.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
struct Options {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:9090")]
    listen: SocketAddr,

    /// A key and its plan. Without a plan the key is valid; without any --key every key is.
    ///
    /// Plans: valid, invalid, expired, suspended, leaked, service-disabled, location, 500, 502,
    /// 503, 429, slow:SECONDS, hang, hang-after-first, cut, cut-mid-event, cut-after:EVENTS,
    /// no-finish, mid-stream-error, mid-stream-error-bare, garbage, garbage-json, empty,
    /// blocked:REASON, redirect:URL, error:ID, paced:CHUNKS:MILLISECONDS, replay:FILE.
    #[arg(long = "key", value_name = "KEY[=PLAN]")]
    keys: Vec<String>,

    /// A key for Vertex AI in express mode (/v1beta1/publishers/google), which takes no others.
    #[arg(long = "vertex-key", value_name = "KEY[=PLAN]")]
    vertex_keys: Vec<String>,

    /// A key whose calls are answered by these plans in turn, over and over: `AIzaHalf=503,valid`
    /// fails half the time.
    #[arg(long = "cycle", value_name = "KEY=PLAN,PLAN…")]
    cycles: Vec<String>,

    /// Keys that share a project's quotas. A key in no project is one of its own.
    #[arg(long = "project", value_name = "NAME=KEY,KEY…")]
    projects: Vec<String>,

    /// A project's quota, for all its models or for one: `small=rpm:5,rpd:20` or
    /// `small/gemini-3.8-flash=rpd:0` (0: the project has no such model). With `fixed` among the
    /// limits its minutes are those of the clock; otherwise any 60 seconds are a minute.
    #[arg(long = "quota", value_name = "PROJECT[/MODEL]=LIMITS")]
    quotas: Vec<String>,

    /// Requests per minute and model, for projects without a --quota.
    #[arg(long)]
    rpm: Option<u64>,

    /// Requests per day (Pacific) and model, for projects without a --quota.
    #[arg(long)]
    rpd: Option<u64>,

    /// Input tokens per minute and model, for projects without a --quota.
    #[arg(long)]
    tpm: Option<u64>,

    /// Minutes are those of the clock, for projects without a --quota.
    #[arg(long)]
    fixed: bool,

    /// Milliseconds between the events of a stream.
    #[arg(long, default_value_t = 0)]
    pace: u64,

    /// How many requests to keep for GET /_fake/received.
    #[arg(long, default_value_t = 100)]
    keep: usize,
}

const EXAMPLES: &str = "\
Examples:
  fake-gemini
      every key works, at http://127.0.0.1:9090
  fake-gemini --key AIzaGood --key AIzaDead=suspended --key AIzaSlow=slow:3
      three keys; all others are answered API_KEY_INVALID
  fake-gemini --key AIzaOne --key AIzaTwo --project small=AIzaOne,AIzaTwo --quota small=rpm:5,rpd:20
      two keys of one project, as on the free tier

  curl -H 'x-goog-api-key: AIzaGood' -H 'content-type: application/json' \\
       -d '{\"contents\":[{\"parts\":[{\"text\":\"Hello\"}]}]}' \\
       http://127.0.0.1:9090/v1beta/models/gemini-3.8-flash:generateContent

What it has seen: GET /_fake/calls (counted by key) and /_fake/received (whole requests);
POST /_fake/forget empties both, POST /_fake/advance?seconds=60 moves the clock of the quotas,
POST /_fake/midnight moves it to the end of the day in California.";

fn main() -> ExitCode {
    let options = Options::parse();
    let script = match script(&options) {
        Ok(script) => script,
        Err(message) => return failed(&message, 2),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match runtime.and_then(|runtime| runtime.block_on(serve(script, options.listen))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&format!("cannot serve at {}: {error}", options.listen), 1),
    }
}

async fn serve(script: Script, listen: SocketAddr) -> std::io::Result<()> {
    let server = FakeGemini::start_on(script, listen).await?;
    let mut out = std::io::stdout();
    writeln!(out, "fake-gemini listens at {}", server.base_url())?;
    out.flush()?;
    stop_asked().await?;
    server.stop().await;
    Ok(())
}

async fn stop_asked() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

fn failed(message: &str, code: u8) -> ExitCode {
    // Where stderr is closed there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "fake-gemini: {message}");
    ExitCode::from(code)
}

fn script(options: &Options) -> Result<Script, String> {
    let mut standard = if options.fixed { Quota::new().fixed_minutes() } else { Quota::new() };
    standard = options.rpm.map_or(standard, |limit| standard.rpm(limit));
    standard = options.rpd.map_or(standard, |limit| standard.rpd(limit));
    standard = options.tpm.map_or(standard, |limit| standard.tpm(limit));
    let mut script = Script::new()
        .standard_quota(standard)
        .pace(Duration::from_millis(options.pace))
        .keep_received(options.keep);
    if options.keys.is_empty() && options.cycles.is_empty() {
        script = script.unknown_keys(KeyPlan::Valid);
    }
    for key in &options.keys {
        let (key, plan) = key.split_once('=').unwrap_or((key, "valid"));
        script = script.key(key, parse_plan(plan)?);
    }
    for key in &options.vertex_keys {
        let (key, plan) = key.split_once('=').unwrap_or((key, "valid"));
        script = script.vertex_key(key, parse_plan(plan)?);
    }
    for cycle in &options.cycles {
        let (key, plans) = named(cycle, "--cycle", "KEY=PLAN,PLAN")?;
        let plans: Result<_, _> = plans.split(',').map(parse_plan).collect();
        script = script.cycle(key, plans?);
    }
    for project in &options.projects {
        let (name, keys) = named(project, "--project", "NAME=KEY,KEY")?;
        script = script.project(name, keys.split(','));
    }
    for quota in &options.quotas {
        let (name, limits) = named(quota, "--quota", "PROJECT=rpm:5,rpd:20")?;
        let quota = limits.split(',').try_fold(Quota::new(), limit)?;
        script = match name.split_once('/') {
            Some((project, model)) => script.model_quota(project, model, quota),
            None => script.quota(name, quota),
        };
    }
    Ok(script)
}

fn parse_plan(plan: &str) -> Result<KeyPlan, String> {
    if let Some(file) = plan.strip_prefix("replay:") {
        let captured = std::fs::read_to_string(file);
        let captured = captured.map_err(|error| format!("cannot read {file}: {error}"))?;
        return Ok(KeyPlan::Fault(Fault::Replay(captured)));
    }
    plan.parse().map_err(|unknown: fake_gemini::UnknownPlan| unknown.to_string())
}

fn named<'a>(text: &'a str, option: &str, form: &str) -> Result<(&'a str, &'a str), String> {
    text.split_once('=').ok_or_else(|| format!("{option} `{text}`: expected {form}"))
}

fn limit(quota: Quota, text: &str) -> Result<Quota, String> {
    if text == "fixed" {
        return Ok(quota.fixed_minutes());
    }
    let wrong = || format!("--quota limit `{text}`: expected rpm:N, rpd:N, tpm:N or fixed");
    let (name, value) = text.split_once(':').ok_or_else(wrong)?;
    let value: u64 = value.parse().map_err(|_| wrong())?;
    match name {
        "rpm" => Ok(quota.rpm(value)),
        "rpd" => Ok(quota.rpd(value)),
        "tpm" => Ok(quota.tpm(value)),
        _ => Err(wrong()),
    }
}
