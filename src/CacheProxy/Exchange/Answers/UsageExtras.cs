namespace CacheProxy.Exchange.Answers;

/// <summary>What a provider charges for beside text tokens. A price in tokens alone is then only a part of the cost.</summary>
[Flags]
public enum UsageExtras : byte
{
    None = 0,

    /// <summary>Tools that ran at the provider and are charged by the call or the session: web search, file search, code execution.</summary>
    HostedTools = 1,

    /// <summary>Audio tokens, in or out.</summary>
    Audio = 2,

    /// <summary>Images that the model made.</summary>
    Images = 4,
}
