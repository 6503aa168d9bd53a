using System.Diagnostics;
using System.Text;
using System.Text.Json;
using CacheProxy.Inference.Constraints;
using CacheProxy.Inference.Constraints.Json;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Sampling;
using CacheProxy.Inference.Text;

namespace CacheProxy.Inference.Tests.Constraints;

/// <summary>The shortcuts to a mask give what trying every token of the bundled vocabulary gives, and they are short.</summary>
public sealed class TokenMaskTests(ITestOutputHelper output)
{
    private const string Person = """
        {"type":"object","properties":{
          "name":{"type":"string"},"nick":{"type":"string","minLength":2,"maxLength":60},"age":{"type":"integer","minimum":0,"maximum":150},
          "email":{"type":"string","format":"email"},"tags":{"type":"array","items":{"type":"string","maxLength":20},"maxItems":5},
          "address":{"type":"object","properties":{"street":{"type":"string"},"zip":{"type":"string","pattern":"^\\d{5}$"}},"required":["street","zip"]},
          "role":{"enum":["admin","user","guest"]},"notes":{"type":["string","null"]}},
         "required":["name","age","role"],"additionalProperties":false}
        """;

    private static readonly ITokenVocabulary Vocabulary = BundledVocabulary.Instance;

    [Theory]
    [InlineData("", "{")]
    [InlineData("{\"name\": \"Ann", "\"")]
    [InlineData("{\"name\":\"Ann\\", "\"")]
    [InlineData("{\"name\":\"\\ud83d", "\\")]
    [InlineData("{\"name\":\"A\",\"nick\":\"a", "b")]
    [InlineData("{\"name\":\"A\",\"nick\":\"0123456789012345678901234567890123456789012345678901234567", "8")]
    [InlineData("{\"name\":\"A\",\"nick\":\"012345678901234567890123456789012345678901234567890123456789", "\"")]
    [InlineData("{\"name\":\"A\",\"age\":1", "5")]
    [InlineData("{\"name\":\"A\",\"age\":15", "0")]
    [InlineData("{\"name\":\"A\",\"age\":3,\"tags\":[\"x\",\"0123456789012", "3")]
    [InlineData("{\"name\":\"A\",\"age\":3,\"role\":\"", "u")]
    [InlineData("{\"name\":\"A\",\"age\":3,\"role\":\"user\",\"notes\":", "n")]
    [InlineData("{\"name\":\"A\",\"age\":3,\"role\":\"user\"}", null)]
    public void Allowed_AfterAnyBeginning_IsWhatEveryTokenTriedGives(string beginning, string? next)
    {
        using JsonDocument schema = JsonDocument.Parse(Person);
        var tokens = new TokenTable(Vocabulary);
        var constraint = new GrammarConstraint(JsonSchemaCompiler.Compile(schema.RootElement), Vocabulary, tokens);
        var automaton = new GrammarAutomaton(JsonSchemaCompiler.Compile(schema.RootElement), tokens.Available);
        AutomatonState state = Follow(automaton, automaton.Start, Encoding.UTF8.GetBytes(beginning));
        Assert.False(state.IsDead);
        ITokenConstraintState tested = constraint.Start();
        foreach (byte value in Encoding.UTF8.GetBytes(beginning))
        {
            tested.Advance(SingleByteToken(value));
        }

        ReadOnlySpan<uint> mask = tested.Allowed();

        var allowed = new List<int>();
        for (int token = 0; token < Vocabulary.Count; token++)
        {
            bool fits = Vocabulary.IsEndOfSequence(token)
                ? state.IsAccepting : !Vocabulary.BytesOf(token).IsEmpty && !Follow(automaton, state, Vocabulary.BytesOf(token)).IsDead;
            Assert.True(fits == TokenMask.Contains(mask, token), $"{beginning} and {Encoding.UTF8.GetString(Vocabulary.BytesOf(token))}: {fits} expected");
            if (fits)
            {
                allowed.Add(token);
            }
        }

        Assert.Equal(next is null, allowed.TrueForAll(Vocabulary.IsEndOfSequence));
        Assert.True(next is null || allowed.Contains(SingleByteToken((byte)next[0])));
    }

    [Fact]
    public void Allowed_KnownStates_CostAndAllocateNothing()
    {
        using JsonDocument schema = JsonDocument.Parse(Person);
        var constraint = new GrammarConstraint(JsonSchemaCompiler.Compile(schema.RootElement), Vocabulary, new TokenTable(Vocabulary));
        byte[] text = Encoding.UTF8.GetBytes("""{"name":"Ann Miller","age":41,"email":"ann.miller@example.com","address":{"street":"Long Street 5","zip":"12345"},"role":"admin","notes":"none so far, but it may take a while"}""");
        int[] tokens = [.. text.Select(SingleByteToken)];
        double cold = Run(constraint, tokens, out _);

        double warm = Run(constraint, tokens, out long allocated);

        output.WriteLine($"first time {cold:0.000} ms a token, then {warm:0.00000} ms");
        Assert.Equal(0, allocated);
        Assert.True(warm < 0.02, $"{warm} ms a token");
    }

    private static double Run(GrammarConstraint constraint, int[] tokens, out long allocated)
    {
        ITokenConstraintState state = constraint.Start();
        long before = GC.GetAllocatedBytesForCurrentThread();
        long started = Stopwatch.GetTimestamp();
        foreach (int token in tokens)
        {
            if (!TokenMask.Contains(state.Allowed(), token))
            {
                throw new InvalidOperationException($"Token {token} is not allowed.");
            }

            state.Advance(token);
        }

        double elapsed = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return elapsed / tokens.Length;
    }

    private static AutomatonState Follow(GrammarAutomaton automaton, AutomatonState state, ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            state = automaton.Next(state, value);
        }

        return state;
    }

    private static int SingleByteToken(byte value)
        => Enumerable.Range(0, Vocabulary.Count).First(token => Vocabulary.BytesOf(token) is [var only] && only == value);
}
