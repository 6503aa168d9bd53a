using CacheProxy.Inference.Generation;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>The engine's refusals and failures as errors for the client.</summary>
internal static class Refusals
{
    /// <param name="promptParam">The field that holds the prompt.</param>
    public static RequestError ToError(RequestRefusedException refusal, string promptParam) => refusal.Reason switch
    {
        RefusalReason.ContextLength or RefusalReason.PoolSize => new RequestError(refusal.Message, promptParam, "context_length_exceeded"),
        RefusalReason.Invalid => new RequestError(refusal.Message, refusal.Field ?? promptParam, "invalid_value"),
        RefusalReason.QueueFull => RequestError.Overloaded(refusal.Message) with { RetryAfter = refusal.RetryAfter },
        _ => RequestError.Unavailable(refusal.Message),
    };

    /// <summary>What a generation that did not end by itself means for the client; null: it did.</summary>
    public static RequestError? ToError(GenerationEvent.Finished end) => end.Reason switch
    {
        FinishReason.Stop or FinishReason.Length => null,
        FinishReason.Cancelled => RequestError.Unavailable("The server is shutting down; the answer was not completed."),
        FinishReason.TimedOut => RequestError.DeadlineExceeded(end.Error ?? "The request's deadline passed."),
        _ => RequestError.Internal(end.Error ?? "The generation failed."),
    };

    /// <summary>An answer that ended by itself with calls ended for them.</summary>
    public static string NameOf(string reason, bool hasCalls) => hasCalls && reason == "stop" ? "tool_calls" : reason;

    public static string NameOf(FinishReason reason) => reason == FinishReason.Length ? "length" : "stop";
}
