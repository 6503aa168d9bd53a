namespace CacheProxy.Fingerprint.Fields;

/// <summary>What a top-level field means to the proxy, whatever its dialect calls it.</summary>
internal enum RequestField
{
    /// <summary>No rule names it: it goes into the fingerprint as it is.</summary>
    Unknown,

    /// <summary>It can change the answer, and that is all there is to know.</summary>
    Parameter,

    /// <summary>No value of it can change the answer.</summary>
    Irrelevant,

    Model,
    Stream,
    StreamOptions,
    User,

    /// <summary>The user under OpenAI's newer name; <see cref="User"/> goes before it.</summary>
    SafetyIdentifier,

    /// <summary>An object with the user in it (Anthropic's <c>metadata.user_id</c>).</summary>
    Metadata,

    Temperature,
    TopP,
    Choices,

    /// <summary>A number that makes the sampling repeatable.</summary>
    Seed,

    MaxTokens,

    /// <summary>Log probabilities: a flag or a number of them.</summary>
    LogProbs,

    /// <summary>What an answer shall hold beside its text (Responses' <c>include</c>).</summary>
    Include,

    Tools,

    /// <summary>Whatever it says, tools of the provider's own work with it.</summary>
    HostedTools,

    Modalities,

    /// <summary>Anything but <c>false</c> ties the request to what the provider keeps.</summary>
    ServerState,

    /// <summary>The instructions in front of the conversation, where they are a field of their own.</summary>
    System,

    /// <summary>The conversation.</summary>
    Turns,

    /// <summary>Text to go on from.</summary>
    Prompt,
}
