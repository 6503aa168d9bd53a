namespace CacheProxy.Cli;

/// <summary>The proxy refused, or something is wrong with a file; the message is for the one who called.</summary>
internal sealed class CliException(string message) : Exception(message);
