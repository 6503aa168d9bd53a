namespace CacheProxy.Protocol.OpenAI;

/// <summary>One item of a response's output.</summary>
/// <param name="Id">Its own, unique.</param>
public abstract record ResponseItem(string Id)
{
    /// <summary>in_progress, completed or incomplete.</summary>
    public string Status { get; init; } = ResponseState.Completed;
}

/// <summary>What the assistant says.</summary>
/// <param name="LogProbs">Null: none were asked for.</param>
public sealed record ResponseMessage(string Id, string Text, ChatLogProbs? LogProbs = null) : ResponseItem(Id);

/// <summary>A call of a function.</summary>
/// <param name="CallId">What its output is to name.</param>
/// <param name="Arguments">JSON text.</param>
public sealed record ResponseFunctionCall(string Id, string CallId, string Name, string Arguments) : ResponseItem(Id);
