namespace CacheProxy.Ledger.Findings;

/// <summary>What kind of text differs from prompt to prompt.</summary>
public enum VolatileClass
{
    DateTime,

    /// <summary>A UUID, a hash, or letters mixed with digits.</summary>
    Identifier,
    Number,

    /// <summary>A name, a language, a question in front of its context.</summary>
    Text,
}
