using System.ComponentModel.DataAnnotations;

namespace CacheProxy.Exchange.Policies;

/// <summary>How long answers live, how much room they get and which requests are answered from the cache. Section <c>Exact</c>.</summary>
public sealed class ExactOptions
{
    public const string Section = "Exact";

    /// <summary>False: nothing is looked up, stored or joined; every request is forwarded. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Seconds that an answer is fresh, unless the request says less. Default: one hour.</summary>
    [Range(0, int.MaxValue)]
    public int TtlSeconds { get; set; } = 3600;

    /// <summary>The longest that a request may ask for with <c>X-CacheProxy-TTL</c>, in seconds; more is cut to it. Default: one day.</summary>
    [Range(0, int.MaxValue)]
    public int MaxTtlSeconds { get; set; } = 86_400;

    /// <summary>Seconds after the TTL during which a stale answer is served while one refresh runs. Default 0: never.</summary>
    [Range(0, int.MaxValue)]
    public int StaleWhileRevalidateSeconds { get; set; }

    /// <summary>Seconds after the TTL during which a stale answer is served when the upstream fails. Default 0: never.</summary>
    [Range(0, int.MaxValue)]
    public int StaleIfErrorSeconds { get; set; }

    /// <summary>
    /// Seconds after the TTL during which an entry is kept for clients that ask for stale answers (<c>max-stale</c>, <c>stale-if-error</c>);
    /// nobody else is given it. Default: ten minutes.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int KeepStaleSeconds { get; set; } = 600;

    /// <summary>
    /// Each TTL is shortened by a part of itself between 0 and this percentage, so that what was stored together does not expire together.
    /// Default 0.
    /// </summary>
    [Range(0, 90)]
    public int TtlJitterPercent { get; set; }

    /// <summary>
    /// An entry that was given so often is asked for anew, once and behind the clients' backs, when it is wanted in the last part of its TTL.
    /// It costs upstream calls that nobody may need. Default 0: never.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int RefreshAheadHits { get; set; }

    /// <summary>The last part of the TTL for <see cref="RefreshAheadHits"/>, in percent of it. Default 10.</summary>
    [Range(1, 99)]
    public int RefreshAheadPercent { get; set; } = 10;

    /// <summary>Seconds before a refresh that failed is tried again; they double with each further failure, up to 32 times as many. Default 5.</summary>
    [Range(1, 3600)]
    public int RefreshBackoffSeconds { get; set; } = 5;

    /// <summary>
    /// The upstream's own <c>Cache-Control</c> counts: <c>no-store</c>, <c>no-cache</c> and <c>private</c> answers are not stored, a
    /// <c>max-age</c> shortens the TTL. Default false: providers send <c>no-store</c> with every answer, out of habit.
    /// </summary>
    public bool ObeyUpstreamCacheControl { get; set; }

    /// <summary>Entries in this process take at most so much memory; beyond it the least useful leave. Default 128 MiB; 0 keeps none.</summary>
    [Range(0, 1 << 20)]
    public int MemoryMegabytes { get; set; } = 128;

    /// <summary>The largest answer that is stored, in bytes; a larger one passes through. Default 4 MiB.</summary>
    [Range(1024, 256 << 20)]
    public int MaxAnswerBytes { get; set; } = 4 << 20;

    /// <summary>
    /// Requests with a higher temperature ask for variety and are neither answered from the cache nor stored. A request that gives none
    /// counts as 1, the providers' default, so any limit under 1 leaves only requests that ask for less. Default 1.
    /// </summary>
    [Range(0, 10)]
    public double MaxTemperature { get; set; } = 1;

    /// <summary>
    /// Requests whose messages hold tool results are cached too. Default false: a tool's result is usually as old as the request, and the
    /// next one differs.
    /// </summary>
    public bool AllowToolResults { get; set; }

    /// <summary>
    /// Requests whose tools run at the provider (web search, file search, MCP, code) are cached too. Default false: what such a tool finds
    /// is not in the request, and the next one would find something else.
    /// </summary>
    public bool AllowHostedTools { get; set; }

    /// <summary>
    /// Plain conversations that chat completions, responses and messages express alike are one request, whichever of the three asks, so
    /// that an answer to one answers the others. Default true.
    /// </summary>
    public bool ShareDialects { get; set; } = true;

    /// <summary>
    /// Answers that call tools are stored and given again. Default false: what calls a tool twice may do something twice.
    /// </summary>
    public bool AllowToolCalls { get; set; }

    /// <summary>Answers that were cut at their greatest length (<c>max_tokens</c>) are stored and given again. Default false.</summary>
    public bool AllowTruncated { get; set; }

    /// <summary>
    /// Requests over <see cref="MaxTemperature"/> that give a <c>seed</c> are cached all the same. Default false: a seed is a wish that
    /// providers keep as far as they can.
    /// </summary>
    public bool AllowSeeded { get; set; }

    /// <summary>
    /// <c>temperature: 1</c> and <c>top_p: 1</c> are the same request as leaving them out, which is OpenAI's rule. Set it to false before
    /// servers that take their own sampling defaults from the model's files. Default true.
    /// </summary>
    public bool AssumeOpenAIDefaults { get; set; } = true;

    /// <summary>Other settings for some requests, by model, namespace, tag, path or route; the first that fits counts. Default: none.</summary>
    public List<ExactRule> Rules { get; } = [];

    /// <summary>Part of every fingerprint: changing it makes everything stored unreachable at once. Default 0.</summary>
    [Range(0, int.MaxValue)]
    public int Epoch { get; set; }

    /// <summary>Memory for recognising a body that was parsed before by its bytes. Default 16 MiB; 0 turns it off.</summary>
    [Range(0, 1 << 16)]
    public int BodyMemoMegabytes { get; set; } = 16;

    /// <summary>
    /// The <c>Cache-Control</c> directives that clients may use, separated by commas; others are ignored. Default: all that are known.
    /// </summary>
    public string ClientDirectives { get; set; } = "no-cache,no-store,only-if-cached,max-age,min-fresh,max-stale,stale-if-error";

    /// <summary>
    /// A recorded stream is sent at about so many tokens per second, for clients whose display counts on a model's pace. Default 0: at once.
    /// </summary>
    [Range(0, 1_000_000)]
    public int ReplayTokensPerSecond { get; set; }
}
