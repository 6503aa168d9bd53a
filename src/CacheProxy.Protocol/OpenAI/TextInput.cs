namespace CacheProxy.Protocol.OpenAI;

/// <summary>One prompt of a text completion, or one input of an embedding: text, or tokens already. Exactly one of both is set.</summary>
public sealed record TextInput
{
    public string? Text { get; init; }

    /// <summary>Token ids of the model asked, none negative; at least one.</summary>
    public int[]? Tokens { get; init; }
}
