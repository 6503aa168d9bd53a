using System.Security.Cryptography;
using CacheProxy.Inference.Constraints;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Tools;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>The tools of one chat request: how their calls are found in its answers, and whether the answers have to be calls.</summary>
internal sealed class ToolUse(ToolCallFormat format, ChatCompletionRequest request, ChatTerms terms)
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int RandomIdLength = 24;

    public static ToolUse? Create(ChatCompletionRequest request, ToolCallFormat? format, ChatTerms terms)
        => format is null || request.Tools.Count == 0 || request.ToolChoice.Kind == ToolChoiceKind.None ? null : new ToolUse(format, request, terms);

    /// <summary>For one choice.</summary>
    public ToolCallReader CreateReader()
        => new(format, Callable().Select(function => function.Name), request.ParallelToolCalls ? int.MaxValue : 1);

    /// <summary>What holds the answer to calls; null: the model decides whether it calls.</summary>
    /// <exception cref="Http.RequestErrorException">A function's schema cannot be held.</exception>
    public ITokenConstraint? CreateConstraint(ConstraintFactory constraints)
        => request.ToolChoice.Kind switch
        {
            ToolChoiceKind.Required => Create(constraints, [.. Callable()], request.ParallelToolCalls),
            ToolChoiceKind.Function => Create(constraints, [Callable().First(function => function.Name == request.ToolChoice.Name)], isParallel: false),
            _ => null,
        };

    /// <summary>An id that no other call has.</summary>
    public string CreateId()
        => format.IdLength > 0 ? RandomNumberGenerator.GetString(Alphabet, format.IdLength) : terms.CallPrefix + RandomNumberGenerator.GetString(Alphabet, RandomIdLength);

    private IEnumerable<ToolFunction> Callable() => request.Tools
        .Select((tool, i) => new ToolFunction(tool.Name!, tool.Parameters, i))
        .Where(function => request.ToolChoice.Allowed?.Contains(function.Name) != false);

    private ITokenConstraint Create(ConstraintFactory constraints, IReadOnlyList<ToolFunction> functions, bool isParallel)
        => AnswerConstraints.Guard("tools", () => ToolCallGrammar.Create(constraints, format, functions, isParallel, terms.SchemaPath));
}
