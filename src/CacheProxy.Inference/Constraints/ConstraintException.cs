namespace CacheProxy.Inference.Constraints;

/// <summary>A schema, pattern or list that cannot be held answers to. The message can be shown to the caller.</summary>
/// <param name="path">Where in what was given, as in <c>properties.age.multipleOf</c>; empty: as a whole.</param>
public sealed class ConstraintException(string path, string message) : Exception(message)
{
    public string Path { get; } = path;
}
