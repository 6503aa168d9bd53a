namespace CacheProxy.Fingerprint;

/// <param name="IsQuestion">A user's turn; else the assistant's.</param>
public readonly record struct ConversationTurn(bool IsQuestion, string Text);
