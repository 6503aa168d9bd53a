namespace CacheProxy.Tuning;

/// <summary>The settings or the models cannot be used; the message says what is wrong with them.</summary>
public sealed class WorkbenchException(string message, Exception innerException) : Exception(message, innerException);
