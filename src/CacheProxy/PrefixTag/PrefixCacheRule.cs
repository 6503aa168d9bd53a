using CacheProxy.Exchange.Prompts;

namespace CacheProxy.PrefixTag;

/// <summary>
/// How an upstream's prefix cache works, by the provider's own documentation as of October 2026. What the documentation gives as a range is taken where most requests
/// would find it.
/// <list type="bullet">
/// <item>OpenAI before GPT-5.6, and Azure (developers.openai.com/docs/guides/prompt-caching, learn.microsoft.com/azure/foundry/openai/how-to/prompt-caching): prompts of 1,024
/// tokens and more, in steps of 128; forgotten after 5 to 10 minutes without a use, and after 24 hours where <c>prompt_cache_retention</c> says so, as GPT-5.5 always does.</item>
/// <item>OpenAI from GPT-5.6 on (the same guide): 1,024 tokens and more, not rounded; only whole prompts and marked beginnings are kept, for at least 30 minutes.</item>
/// <item>Anthropic (platform.claude.com/docs/en/build-with-claude/prompt-caching): what <c>cache_control</c> marks, from a number of tokens on that depends on the model, for
/// 5 minutes or an hour from the last use; a mark finds what was kept up to 20 blocks before it.</item>
/// <item>vLLM (docs.vllm.ai, automatic prefix caching): whole blocks of 16 tokens, answers too, the least recently used leave first when the memory is full.</item>
/// <item>SGLang (docs.sglang.ai, RadixAttention) and the bundled backend: every token, answers too, the same otherwise.</item>
/// </list>
/// </summary>
internal sealed record PrefixCacheRule
{
    // Whatever an engine keeps: what it had when the proxy started has been asked for again by then, or is taken for gone.
    private static readonly TimeSpan EngineMemory = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private static readonly PrefixCacheRule OpenAI = new() { MinimumTokens = 1024, StepTokens = 128, Memory = TimeSpan.FromMinutes(10) };
    private static readonly PrefixCacheRule OpenAIForADay = OpenAI with { Memory = Day };
    private static readonly PrefixCacheRule OpenAIByBreakpoints = new() { MinimumTokens = 1024, Memory = TimeSpan.FromMinutes(30), Writes = CacheWrites.AtEndAndMarks };
    private static readonly PrefixCacheRule OpenAIByMarks = OpenAIByBreakpoints with { Writes = CacheWrites.AtMarks, Lookback = 80 };
    private static readonly PrefixCacheRule Vllm = new() { StepTokens = 16, Memory = EngineMemory, IsBoundByRoom = true, KeepsAnswers = true };
    private static readonly PrefixCacheRule ByToken = Vllm with { StepTokens = 1 };

    private static readonly PrefixCacheRule[] Anthropic =
        [.. new[] { 512, 1024, 2048, 4096 }.Select(minimum => new PrefixCacheRule { MinimumTokens = minimum, Memory = TimeSpan.FromMinutes(5), Writes = CacheWrites.AtMarks, Lookback = 20 })];

    // The first that the model's name holds; 1,024 where none does. Sources disagree about Opus 4.7 (2,048 or 4,096).
    private static readonly (string Name, int Minimum)[] ClaudeMinimums =
    [
        ("opus-5", 512), ("fable-5", 512), ("mythos-5", 512),
        ("haiku-4-5", 4096), ("opus-4-5", 4096), ("opus-4-6", 4096), ("opus-4-7", 4096),
        ("3-5-haiku", 2048), ("3-haiku", 2048), ("haiku-3", 2048),
    ];

    /// <summary>A beginning of fewer tokens is not kept; 0: none is too short.</summary>
    public int MinimumTokens { get; private init; }

    /// <summary>What comes out of the cache is a multiple of it.</summary>
    public int StepTokens { get; private init; } = 1;

    /// <summary>Forgotten after so long without a use; also how long the proxy must have looked on before it takes what it has not seen for not kept.</summary>
    public TimeSpan Memory { get; private init; }

    public CacheWrites Writes { get; private init; }

    /// <summary>How many boundaries in front of a mark are looked at; a turn has one block at least, so these are the most.</summary>
    public int Lookback { get; private init; }

    /// <summary>Not time makes it forget, but others that need the room.</summary>
    public bool IsBoundByRoom { get; private init; }

    /// <summary>What was generated is found again as well, when it comes back as a turn of the conversation.</summary>
    public bool KeepsAnswers { get; private init; }

    /// <summary>Null: nobody here knows how that upstream keeps prompts.</summary>
    /// <param name="kind">As <see cref="Exchange.Routes.UpstreamTarget.Kind"/>.</param>
    /// <param name="model">By the upstream's own name.</param>
    public static PrefixCacheRule? Of(string? kind, bool isCacheProxyAware, string model, PromptRetention retention) => kind switch
    {
        "openai" or "azure" => OfOpenAI(model, retention),
        "anthropic" => OfClaude(model),
        "vllm" => Vllm,
        "sglang" or "cacheproxy" => ByToken,
        _ => isCacheProxyAware ? ByToken : null,
    };

    /// <summary>
    /// The boundary in front of the first turn, where the request has nothing there: what the model's template puts there itself, another thing where instructions follow. Its
    /// tokens are the fewest that were delivered to requests with nothing else in common; only engines deliver so few.
    /// </summary>
    public bool TryGetTemplate(PromptOutline outline, out UInt128 id)
    {
        PromptBoundary head = outline.Boundaries[0];
        id = outline.HasInstructions ? ~head.Id : head.Id;
        return KeepsAnswers && head.Bytes == 0;
    }

    /// <summary>How long a copy is kept that was asked for by the mark.</summary>
    public TimeSpan MemoryOf(PromptMark mark) => mark == PromptMark.Hour ? TimeSpan.FromHours(1) : Memory;

    /// <summary>What a request keeps up to the boundary.</summary>
    public bool Keeps(PromptMark mark, bool isEnd) => Writes switch
    {
        CacheWrites.Everywhere => true,
        CacheWrites.AtEndAndMarks => isEnd || mark != PromptMark.None,
        _ => mark != PromptMark.None,
    };

    /// <summary>What comes out of the cache where so many tokens are the same.</summary>
    public long Delivered(long tokens) => tokens < MinimumTokens ? 0 : tokens - (tokens % StepTokens);

    private static PrefixCacheRule OfOpenAI(string model, PromptRetention retention) => VersionOf(model) switch
    {
        >= 506 => retention == PromptRetention.Explicit ? OpenAIByMarks : OpenAIByBreakpoints,
        505 => OpenAIForADay,
        _ => retention == PromptRetention.Day ? OpenAIForADay : OpenAI,
    };

    private static PrefixCacheRule OfClaude(string model)
    {
        int minimum = 1024;
        foreach ((string name, int least) in ClaudeMinimums)
        {
            if (model.Contains(name, StringComparison.Ordinal))
            {
                minimum = least;
                break;
            }
        }

        return Array.Find(Anthropic, rule => rule.MinimumTokens == minimum)!;
    }

    // gpt-5.6-mini is 506; 0: it is no GPT with a number. A deployment at Azure may be called anything.
    private static int VersionOf(string model)
    {
        int at = model.IndexOf("gpt-", StringComparison.Ordinal);
        if (at < 0)
        {
            return 0;
        }

        ReadOnlySpan<char> rest = model.AsSpan(at + 4);
        int major = Digits(ref rest);
        int minor = rest is ['.', ..] ? Digits(ref rest, skip: 1) : 0;
        return (major * 100) + minor;
    }

    private static int Digits(ref ReadOnlySpan<char> text, int skip = 0)
    {
        text = text[skip..];
        int number = 0;
        while (text is [>= '0' and <= '9', ..] && number < 1000)
        {
            number = (number * 10) + (text[0] - '0');
            text = text[1..];
        }

        return number;
    }
}
