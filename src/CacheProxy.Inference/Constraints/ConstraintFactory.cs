using System.Text.Json;
using CacheProxy.Inference.Constraints.Json;
using CacheProxy.Inference.Constraints.Text;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Text;

namespace CacheProxy.Inference.Constraints;

/// <summary>
/// Makes constraints for one model's vocabulary, and keeps the last ones: clients ask with the same schema again and again,
/// and what an automaton learnt for one request it knows for the next. Any thread.
/// </summary>
/// <param name="capacity">Constraints kept.</param>
public sealed class ConstraintFactory(ITokenVocabulary vocabulary, int capacity = 32)
{
    /// <summary>Characters of a schema, pattern or list; longer ones are refused.</summary>
    public const int MaxTextLength = 256 * 1024;

    /// <summary>Texts to choose one from, values of an enum, properties of an object; more are refused.</summary>
    public const int MaxAlternatives = 1000;

    private readonly Lazy<TokenTable> _tokens = new(() => new TokenTable(vocabulary));
    private readonly LinkedList<(string Key, GrammarConstraint Constraint)> _recent = new();
    private readonly Lock _lock = new();

    /// <summary>Any JSON object.</summary>
    public ITokenConstraint JsonObject() => Get("object", "", _ => JsonGrammar.AnyObject);

    /// <param name="schema">A JSON schema; see <see cref="JsonSchemaCompiler"/> for what of it is supported.</param>
    /// <exception cref="ConstraintException">It cannot be held.</exception>
    public ITokenConstraint JsonSchema(string schema) => Get("schema", schema, text =>
    {
        using JsonDocument document = ParseSchema(text);
        return JsonSchemaCompiler.Compile(document.RootElement);
    });

    /// <param name="pattern">Describes the whole answer.</param>
    /// <exception cref="ConstraintException">It cannot be held.</exception>
    public ITokenConstraint Regex(string pattern) => Get("regex", pattern, text =>
    {
        try
        {
            return RegexParser.Parse(text, PlainCharacters.Instance, isWhole: true);
        }
        catch (FormatException exception)
        {
            throw new ConstraintException("", exception.Message + ".");
        }
    });

    /// <summary>One of these texts.</summary>
    /// <exception cref="ConstraintException">There is none.</exception>
    public ITokenConstraint OneOf(IReadOnlyList<string> texts) => texts.Count <= MaxAlternatives
        ? Get("choice", string.Join('\0', texts), _ => Grammar.Choice([.. texts.Select(Grammar.Literal)]))
        : throw new ConstraintException("", $"has more than {MaxAlternatives} texts.");

    internal ITokenConstraint Get(string kind, string text, Func<string, GrammarNode> create)
    {
        string key = $"{kind}:{text}";
        if (Find(key) is { } known)
        {
            return known;
        }

        if (text.Length > MaxTextLength)
        {
            throw new ConstraintException("", $"is longer than {MaxTextLength} characters.");
        }

        var constraint = new GrammarConstraint(create(text), vocabulary, _tokens.Value);
        if (constraint.IsEmpty || constraint.IsCut)
        {
            throw new ConstraintException("", constraint.IsEmpty ? "no answer can meet it." : "has too many ways to begin.");
        }

        lock (_lock)
        {
            _recent.AddFirst((key, constraint));
            if (_recent.Count > capacity)
            {
                _recent.RemoveLast();
            }
        }

        return constraint;
    }

    private GrammarConstraint? Find(string key)
    {
        lock (_lock)
        {
            for (LinkedListNode<(string Key, GrammarConstraint Constraint)>? node = _recent.First; node is not null; node = node.Next)
            {
                if (node.Value.Key == key)
                {
                    _recent.Remove(node);
                    _recent.AddFirst(node);
                    return node.Value.Constraint;
                }
            }

            return null;
        }
    }

    private static JsonDocument ParseSchema(string text)
    {
        try
        {
            return JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 128 });
        }
        catch (JsonException exception)
        {
            throw new ConstraintException("", $"is no JSON: {exception.Message}");
        }
    }
}
