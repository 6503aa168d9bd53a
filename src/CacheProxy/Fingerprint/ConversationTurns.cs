namespace CacheProxy.Fingerprint;

/// <summary>Which turns of a conversation are texts that could have been put in other words.</summary>
internal static class ConversationTurns
{
    /// <summary>The texts of users and assistant in front of the last turn, which is a user's.</summary>
    /// <returns>Null: there are none, or a user's turn is more than text, or blank.</returns>
    public static IReadOnlyList<ConversationTurn>? Of(IReadOnlyList<DraftTurn> turns)
    {
        var earlier = new List<ConversationTurn>(turns.Count);
        for (int i = 0; i < turns.Count - 1; i++)
        {
            if (turns[i].Role == TurnRole.User && string.IsNullOrWhiteSpace(turns[i].Text))
            {
                return null;
            }

            if (IsComparable(turns[i]))
            {
                earlier.Add(new ConversationTurn(turns[i].Role == TurnRole.User, turns[i].Text!));
            }
        }

        return earlier.Exists(turn => turn.IsQuestion) ? earlier : null;
    }

    /// <summary>Takes the texts, the last user's too, out of the request in its own dialect. Everything else, and that there was a text, stays.</summary>
    public static void Blank(RequestDraft draft)
    {
        // From the end on: what lies before keeps its place.
        for (int i = draft.TurnList.Count - 1; i >= 0; i--)
        {
            DraftTurn turn = draft.TurnList[i];
            if (IsComparable(turn))
            {
                draft.Buffer.Blank(draft.PromptAt + turn.Start, draft.PromptAt + turn.End);
            }
        }
    }

    // What else there is, instructions among it, is compared exactly.
    private static bool IsComparable(DraftTurn turn)
        => turn.Role is TurnRole.User or TurnRole.Assistant && !string.IsNullOrWhiteSpace(turn.Text) && turn.End > turn.Start;
}
