namespace CacheProxy.SemanticCache;

/// <summary>Why a look-up ended as it did. The snake_case name is shown in decisions, logs and metrics.</summary>
public enum SemanticReason
{
    None,

    // Not looked up.
    PolicyOff,
    ClientOptOut,
    NoQuestion,
    EmptyText,
    TooLong,
    Language,
    CodeHeavy,
    ToolResults,
    NonTextContent,
    HiddenText,
    TemplateTimeout,

    // Looked up, nothing to serve.
    ClearMiss,
    NoNeighbour,
    Guarded,
    Truncated,
    BelowThreshold,
    OtherContext,
    EntryGone,
    Shadowed,
    Explored,
    ExactOnly,

    // Something failed; the request goes on as a miss.
    BudgetSpent,
    EmbedderFailed,
    IndexFailed,
    VerifierFailed,
    StoreFailed,
}
