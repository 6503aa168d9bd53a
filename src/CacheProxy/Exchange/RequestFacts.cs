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

    /// <summary>The client's stream carries the usage: it asks for it, or the dialect's streams always do.</summary>
    public bool IncludesUsage { get; init; }

    /// <summary>Null: not given, which the provider reads as its default.</summary>
    public double? Temperature { get; init; }

    /// <summary>The sampling is to be repeatable (<c>seed</c>).</summary>
    public bool HasSeed { get; init; }

    /// <summary>How many alternatives are asked for (<c>n</c>).</summary>
    public int Choices { get; init; } = 1;

    /// <summary>How many prompts one request of completions asks to go on from; each gets its own <see cref="Choices"/>.</summary>
    public int Prompts { get; init; } = 1;

    /// <summary>The most tokens that the answer may have; null: not given, or no whole number.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Turns or items of the conversation, instructions in a field of their own not counted; 0: there is none.</summary>
    public int MessageCount { get; init; }

    /// <summary>What a tool brought back is among the messages.</summary>
    public bool HasToolResults { get; init; }

    /// <summary>The model may call tools.</summary>
    public bool HasTools { get; init; }

    /// <summary>Some tool runs at the provider (web search, files, MCP), which looks anew each time.</summary>
    public bool HasHostedTools { get; init; }

    /// <summary>The answer depends on, or changes, what the provider keeps (<c>store</c>, conversation, response or prompt ids).</summary>
    public bool UsesServerState { get; init; }

    /// <summary>Some content is not text.</summary>
    public bool HasNonTextContent { get; init; }

    /// <summary>Some content is only referred to by an address, so that its bytes may change while the request does not.</summary>
    public bool HasRemoteContent { get; init; }

    /// <summary>An output other than text is asked for (<c>modalities</c>).</summary>
    public bool WantsNonTextOutput { get; init; }

    /// <summary>Log probabilities are asked for.</summary>
    public bool WantsLogProbs { get; init; }

    /// <summary>The <c>user</c> field, or <c>safety_identifier</c> where there is none; in Anthropic's messages, <c>metadata.user_id</c>.</summary>
    public string? User { get; init; }

    /// <summary>
    /// The text of the last turn when it is a user's and holds nothing but text: what <see cref="ExchangeFeature.Partition"/> leaves out.
    /// Null: the request has no question that could be asked in other words.
    /// </summary>
    public string? LastUserText { get; init; }
}
