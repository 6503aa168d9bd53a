namespace CacheProxy.SemanticCache.Text;

/// <summary>What kind of answer a question opens with asking for.</summary>
public enum QuestionKind
{
    /// <summary>No question word, or "what" or "which", which ask for anything.</summary>
    Open,
    Who,
    When,
    Where,
    Why,
    How,

    /// <summary>How many, how long, how often: a quantity.</summary>
    HowMuch,

    /// <summary>Is, does, can ...: yes or no.</summary>
    YesNo,
}
