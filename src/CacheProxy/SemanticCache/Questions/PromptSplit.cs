namespace CacheProxy.SemanticCache.Questions;

/// <summary>A prompt as a template takes it apart. What is not the question is compared exactly, the passages and the words around them.</summary>
public readonly record struct PromptSplit(string Before, string Question, string After);
