using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>
/// One cheap reason why two similar questions must have different answers. A guard vetoes, it never approves. It vetoes what it is sure of: what only
/// makes a wrong answer likelier is a feature of the score, where good evidence can outweigh it. Stateless and safe to call from many threads.
/// </summary>
public interface ISemanticGuard
{
    /// <summary>Kebab-case, unique; the name in options, decisions and metrics.</summary>
    string Name { get; }

    /// <summary>True when the answer to one question must not answer the other. Symmetric.</summary>
    bool Vetoes(TextPair pair);
}
