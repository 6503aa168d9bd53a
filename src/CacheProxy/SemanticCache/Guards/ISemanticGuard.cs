using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>
/// One cheap reason why two similar questions may have different answers. A guard vetoes, it never approves: a veto that was not needed costs
/// a miss, a veto that was missing costs a wrong answer. Stateless and safe to call from many threads.
/// </summary>
public interface ISemanticGuard
{
    /// <summary>Kebab-case, unique; the name in options, decisions and metrics.</summary>
    string Name { get; }

    /// <summary>True when the cached question's answer must not answer the asked one. Symmetric.</summary>
    bool Vetoes(QuestionText cached, QuestionText asked);
}
