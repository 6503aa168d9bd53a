using CacheProxy.Exchange;

namespace CacheProxy.Fingerprint;

/// <summary>A request of several turns whose earlier ones could have been put in other words.</summary>
/// <param name="Partition">
/// Identity of everything but the texts of users and assistant: how many turns there are, whose each is, and all that is no text is in it.
/// </param>
/// <param name="Earlier">Those texts but the last user's, in order.</param>
public sealed record Conversation(Fingerprint256 Partition, IReadOnlyList<ConversationTurn> Earlier);
