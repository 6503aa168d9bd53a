namespace CacheProxy.Inference.Templates;

/// <summary>A run of the rendered prompt.</summary>
/// <param name="IsTemplate">The template wrote it, so control tokens named in it are meant; otherwise it came in with the messages and is plain text.</param>
public readonly record struct PromptSegment(string Text, bool IsTemplate);
