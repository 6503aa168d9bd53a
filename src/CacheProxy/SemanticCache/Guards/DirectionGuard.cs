using System.Collections.Frozen;
using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>
/// Roles exchanged: from Boston to Miami and from Miami to Boston, string to integer and integer to string, before X and after X. Words that are
/// a source on one side must not be a target on the other, also where the rest of the wording differs.
/// </summary>
public sealed class DirectionGuard : ISemanticGuard
{
    // "listen to", "learn to play", "compared to": here "to" leads nowhere.
    private static readonly FrozenSet<string> Openers = WordTable.Set("listen learn want like compar respond reply relat add due prior way abl need have going try tri tip how what best travel");

    private enum Role
    {
        Source,
        Target,
        Before,
        After,
    }

    public string Name => "direction";

    public bool Vetoes(TextPair pair)
    {
        HashSet<(Role Role, string Stem)> left = Roles(pair.Left), right = Roles(pair.Right);
        return Opposed(left, right) || Opposed(right, left);
    }

    private static bool Opposed(HashSet<(Role Role, string Stem)> left, HashSet<(Role Role, string Stem)> right)
        => left.Any(role => role.Role switch
        {
            Role.Source => Turned(left, right, role.Stem, Role.Source, Role.Target),
            Role.Before => Turned(left, right, role.Stem, Role.Before, Role.After),
            _ => false,
        });

    // "Learn to play" has a verb as source and target both: only a word with one role on each side tells.
    private static bool Turned(HashSet<(Role, string)> left, HashSet<(Role, string)> right, string stem, Role here, Role there)
        => right.Contains((there, stem)) && !left.Contains((there, stem)) && !right.Contains((here, stem));

    private static HashSet<(Role Role, string Stem)> Roles(QuestionText text)
    {
        var roles = new HashSet<(Role, string)>();
        for (int i = 0; i < text.Tokens.Count; i++)
        {
            switch (text.Tokens[i].Lower)
            {
                case "from":
                    Add(roles, Role.Source, Following(text, i));
                    break;
                case "to" or "into" when !(i > 0 && Openers.Contains(text.Tokens[i - 1].Stem)):
                    AddPassage(roles, text, i);
                    break;
                case "than" or "over":
                    // Before "than" stands the comparative, before that what is compared.
                    Add(roles, Role.Source, Preceding(text, i, text.Tokens[i].Lower == "than" ? 2 : 1));
                    Add(roles, Role.Target, Following(text, i));
                    break;
                case "in" when AsksHowMany(text):
                    // How many ounces in a pound.
                    Add(roles, Role.Source, Preceding(text, i, 1));
                    Add(roles, Role.Target, Following(text, i));
                    break;
                case "before":
                    Add(roles, Role.Before, Following(text, i));
                    break;
                case "after":
                    Add(roles, Role.After, Following(text, i));
                    break;
            }
        }

        return roles;
    }

    // "X to Y"; "want to know" has a verb after it and a stop word before it, so it adds a target at most.
    private static void AddPassage(HashSet<(Role, string)> roles, QuestionText text, int at)
    {
        string? target = Following(text, at);
        Add(roles, Role.Target, target);
        if (target is not null && at > 0 && text.Tokens[at - 1].IsContent)
        {
            Add(roles, Role.Source, text.Tokens[at - 1].Stem);
        }
    }

    private static bool AsksHowMany(QuestionText text) => text.HasWord("many") || text.HasWord("much");

    private static string? Following(QuestionText text, int at)
    {
        for (int i = at + 1; i < text.Tokens.Count && i <= at + 3; i++)
        {
            if (text.Tokens[i].IsContent)
            {
                return text.Tokens[i].Stem;
            }
        }

        return null;
    }

    private static string? Preceding(QuestionText text, int at, int nth)
    {
        string? found = null;
        for (int i = at - 1; i >= 0 && nth > 0; i--)
        {
            if (text.Tokens[i].IsContent)
            {
                found = text.Tokens[i].Stem;
                nth--;
            }
        }

        return nth == 0 ? found : null;
    }

    private static void Add(HashSet<(Role, string)> roles, Role role, string? stem)
    {
        if (stem is not null)
        {
            roles.Add((role, stem));
        }
    }
}
