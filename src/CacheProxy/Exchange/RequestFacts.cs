namespace CacheProxy.Exchange;

/// <summary>
/// What the stages need to know of a request's body, read in the same pass that fingerprints it. Immutable: requests with the same bytes share it.
/// </summary>
public sealed record RequestFacts
{
    /// <summary>The model as the client named it.</summary>
    public required string Model { get; init; }

    /// <summary>The client wants server-sent events.</summary>
    public bool IsStream { get; init; }

    /// <summary>The client wants the usage chunk at the end of its stream.</summary>
    public bool IncludesUsage { get; init; }

    /// <summary>Null: not given, which the provider reads as its default.</summary>
    public double? Temperature { get; init; }

    /// <summary>How many alternatives are asked for (<c>n</c>).</summary>
    public int Choices { get; init; } = 1;

    public int MessageCount { get; init; }

    /// <summary>A message of role <c>tool</c> or <c>function</c> is among the messages.</summary>
    public bool HasToolResults { get; init; }

    /// <summary>The model may call tools.</summary>
    public bool HasTools { get; init; }

    /// <summary>The answer depends on, or changes, what the provider keeps (<c>store</c>, conversation or response ids).</summary>
    public bool UsesServerState { get; init; }

    /// <summary>Some content is not text.</summary>
    public bool HasNonTextContent { get; init; }

    /// <summary>Some content is only referred to by an address, so that its bytes may change while the request does not.</summary>
    public bool HasRemoteContent { get; init; }

    /// <summary>An output other than text is asked for (<c>modalities</c>).</summary>
    public bool WantsNonTextOutput { get; init; }

    /// <summary>Log probabilities are asked for.</summary>
    public bool WantsLogProbs { get; init; }

    /// <summary>The <c>user</c> field.</summary>
    public string? User { get; init; }

    /// <summary>
    /// The text of the last turn when it is a user's and holds nothing but text: what <see cref="ExchangeFeature.Partition"/> leaves out.
    /// Null: the request has no question that could be asked in other words.
    /// </summary>
    public string? LastUserText { get; init; }
}
