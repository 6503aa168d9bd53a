namespace CacheProxy.Inference.Generation;

/// <summary>A rule for what an answer may be, such as a grammar, made for one vocabulary. Immutable, any thread.</summary>
public interface ITokenConstraint
{
    /// <summary>The state of one sequence, before its first generated token.</summary>
    ITokenConstraintState Start();
}
