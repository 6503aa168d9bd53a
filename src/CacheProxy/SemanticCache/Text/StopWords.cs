using System.Collections.Frozen;

namespace CacheProxy.SemanticCache.Text;

/// <summary>English words that carry no meaning of their own in a question. Directions, negations and quantities have guards of their own.</summary>
public static class StopWords
{
    private static readonly FrozenSet<string> Words = WordTable.Set("""
        a an the this that these those it its they them their he she his her hers i me my mine we us our you your yours
        is are was were be been being am do does did doing done have has had having will would shall should can could may might must
        of in on at to from for with by about as into onto over under between among through during within per via and or but so if then than
        what which who whom whose when where why how there here
        not no
        please kindly hi hello hey thanks thank tell show give let want need know like explain describe say help
        's 're 've 'll 'd 'm s t d ll re ve
        just also really actually exactly some any much many very too
        """);

    public static bool Contains(string lower) => Words.Contains(lower);
}
