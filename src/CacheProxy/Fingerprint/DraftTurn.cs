namespace CacheProxy.Fingerprint;

/// <summary>One turn of a conversation while its request is read.</summary>
/// <param name="Text">All of its content; null: it holds something else, or more than that.</param>
/// <param name="Start">Of its content, counted from the prompt's value; likewise <paramref name="End"/>.</param>
internal readonly record struct DraftTurn(TurnRole Role, string? Text, int Start, int End);
