namespace CacheProxy.PrefixTag;

/// <summary>What is known of the part of a prompt up to one boundary. Times are <see cref="TimeProvider.GetTimestamp"/>.</summary>
internal readonly record struct KnownBeginning
{
    /// <summary><see cref="SlackBytes"/> of what is known to be there, but not how many tokens it has.</summary>
    public const int Unmeasured = int.MaxValue;

    /// <summary>By the upstream's tokenizer, told or estimated.</summary>
    public required int Tokens { get; init; }

    /// <summary>Bytes of text that the estimate rests on; 0: the upstream has told the number itself.</summary>
    public required int SlackBytes { get; init; }

    /// <summary>When the upstream last had to do with it.</summary>
    public required long LastUsed { get; init; }

    /// <summary>When it is forgotten; 0: the upstream was not to keep it.</summary>
    public required long KeptUntil { get; init; }
}
