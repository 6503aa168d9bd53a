namespace CacheProxy.Tuning.Pairs;

/// <summary>A label file cannot be used; the message names the file and, where there is one, the line.</summary>
public sealed class LabelFileException(string message) : Exception(message);
