using System.Text;
using CacheProxy.Inference.Text;

namespace CacheProxy.Inference.Tests.Text;

public sealed class IncrementalDetokenizerTests
{
    [Fact]
    public void Append_CharacterInPieces_ComesOutWhole()
    {
        var detokenizer = new IncrementalDetokenizer();
        byte[] bytes = Encoding.UTF8.GetBytes("a😀é");

        List<string> pieces = [.. bytes.Select(value => detokenizer.Append([value]).ToString())];

        Assert.Equal(["a", "", "", "", "😀", "", "é"], pieces);
        Assert.Equal("", detokenizer.Complete().ToString());
    }

    [Fact]
    public void Complete_UnfinishedCharacter_BecomesTheReplacementCharacter()
    {
        var detokenizer = new IncrementalDetokenizer();

        Assert.Equal("x", detokenizer.Append([(byte)'x', 0xF0, 0x9F]).ToString());
        Assert.Equal("\uFFFD", detokenizer.Complete().ToString());
    }

    [Fact]
    public void Append_AnyBytesInAnyPieces_EqualsDecodingAllAtOnce()
    {
        var random = new Random(11);
        for (int round = 0; round < 3000; round++)
        {
            byte[] bytes = RandomBytes(random);
            var detokenizer = new IncrementalDetokenizer();
            var text = new StringBuilder();
            for (int at = 0; at < bytes.Length;)
            {
                int length = Math.Min(random.Next(0, 5), bytes.Length - at);
                string piece = detokenizer.Append(bytes.AsSpan(at, length)).ToString();
                Assert.False(piece.Length > 0 && (char.IsHighSurrogate(piece[^1]) || char.IsLowSurrogate(piece[0])), "a character was torn");
                text.Append(piece);
                at += length;
            }

            text.Append(detokenizer.Complete());
            Assert.Equal(Encoding.UTF8.GetString(bytes), text.ToString());
        }
    }

    /// <summary>Valid text with bytes damaged, dropped and made up.</summary>
    private static byte[] RandomBytes(Random random)
    {
        string[] alphabet = ["a", "é", "漢", "😀", "\u0301", " ", "𝟏"];
        List<byte> bytes = [.. Enumerable.Range(0, random.Next(0, 12)).SelectMany(_ => Encoding.UTF8.GetBytes(alphabet[random.Next(alphabet.Length)]))];
        for (int damage = random.Next(0, 4); damage > 0 && bytes.Count > 0; damage--)
        {
            int at = random.Next(bytes.Count);
            if (random.Next(2) == 0)
            {
                bytes[at] = (byte)random.Next(256);
            }
            else
            {
                bytes.RemoveAt(at);
            }
        }

        return [.. bytes];
    }
}
