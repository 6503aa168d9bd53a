namespace CacheProxy.PrefixTag;

/// <summary>Which beginnings of a prompt a prefix cache keeps, so that another request can go on from them.</summary>
internal enum CacheWrites
{
    /// <summary>All: it finds whatever two prompts have in common.</summary>
    Everywhere,

    /// <summary>The whole prompt, and what is marked in it.</summary>
    AtEndAndMarks,

    /// <summary>What is marked.</summary>
    AtMarks,
}
