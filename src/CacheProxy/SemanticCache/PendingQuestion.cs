using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache;

/// <summary>One question that the upstream was asked and that cannot be found yet.</summary>
internal sealed class PendingQuestion(SemanticQuery query, IAnswerCapture? capture)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SemanticQuery Query => query;

    /// <summary>Its answer is recorded and about to be indexed.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Its client may have seen the answer's end, and ask again.</summary>
    public bool HasAnswered => IsQueued || capture?.HasSentLastByte == true;

    public Task Ended => _ended.Task;

    public void End() => _ended.TrySetResult();
}
