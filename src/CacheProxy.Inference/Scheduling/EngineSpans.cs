using System.Diagnostics;

namespace CacheProxy.Inference.Scheduling;

/// <summary>
/// The engine's spans and the names in them: OpenTelemetry's for generative AI, and vLLM's where those have none, so that what reads a vLLM's traces reads these.
/// None holds a text.
/// </summary>
public static class EngineSpans
{
    public const string SourceName = "CacheProxy.Inference";

    /// <summary>One generation from its submission to its terminal event: the name that vLLM's has.</summary>
    public const string Request = "llm_request";

    /// <summary>Until it holds blocks.</summary>
    public const string Queue = "queue";

    /// <summary>Until its first token.</summary>
    public const string Prefill = "prefill";

    /// <summary>The rest of the tokens.</summary>
    public const string Decode = "decode";

    public const string RequestModel = "gen_ai.request.model";
    public const string MaxTokens = "gen_ai.request.max_tokens";
    public const string Temperature = "gen_ai.request.temperature";
    public const string TopP = "gen_ai.request.top_p";
    public const string ResponseModel = "gen_ai.response.model";
    public const string FinishReasons = "gen_ai.response.finish_reasons";
    public const string InputTokens = "gen_ai.usage.input_tokens";
    public const string OutputTokens = "gen_ai.usage.output_tokens";
    public const string CachedTokens = "gen_ai.usage.cache_read.input_tokens";
    public const string ErrorType = "error.type";

    // vLLM's, seconds.
    public const string PromptTokens = "gen_ai.usage.prompt_tokens";
    public const string CompletionTokens = "gen_ai.usage.completion_tokens";
    public const string TimeInQueue = "gen_ai.latency.time_in_queue";
    public const string TimeToFirstToken = "gen_ai.latency.time_to_first_token";
    public const string TimeInPrefill = "gen_ai.latency.time_in_model_prefill";
    public const string TimeInDecode = "gen_ai.latency.time_in_model_decode";
    public const string TimeInInference = "gen_ai.latency.time_in_model_inference";
    public const string EndToEnd = "gen_ai.latency.e2e";

    internal static ActivitySource Source { get; } = new(SourceName);
}
