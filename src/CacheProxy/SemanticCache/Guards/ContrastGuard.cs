using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>
/// Opposites and neighbours that encoders hold for the same: enable and disable, largest and smallest, boiling and freezing. Vetoes where one stands
/// in the place of the other; a question that names both goes with one that does too.
/// </summary>
public sealed class ContrastGuard : ISemanticGuard
{
    private static readonly SenseTable Contrasts = new("""
        enable activate | disable deactivate
        start begin launch | stop end finish quit terminate | pause | restart | resume
        on | off
        open | close shut
        increase raise grow rise gain boost | decrease reduce lower shrink fall drop decline lose
        maximum max maximize most | minimum min minimize least fewest
        accept approve allow permit | decline reject refuse deny forbid block ban prohibit
        buy purchase | sell | rent | lease
        borrow | lend
        import | export
        encrypt | decrypt
        encode | decode
        compress zip | decompress unzip extract
        serialize | deserialize
        add insert append | remove delete drop | update edit modify | replace
        create make | delete remove destroy
        install | uninstall | upgrade | downgrade
        upload | download
        push | pull | fetch | merge | rebase | clone
        lock | unlock
        login signin | logout signout
        connect | disconnect
        subscribe | unsubscribe
        cancel terminate | renew extend
        show display | hide
        attach | detach
        mount | unmount
        follow | unfollow
        freeze freezing | boil boiling | melt melting | evaporate
        hot warm heat | cold cool
        wet | dry
        light bright | dark
        light | heavy
        soft | hard
        raw | cooked
        empty | full
        thick | thin
        wide | narrow
        loud | quiet silent
        early earlier earliest | late later latest
        faster quicker | slower | cheaper | better | safer | easier | harder | worse | bigger larger greater | smaller | older | younger | longer | shorter | taller higher | lighter | heavier | healthier | stronger | weaker
        fastest quickest | slowest | cheapest | safest | easiest | hardest | worst | biggest largest greatest | smallest | oldest | youngest newest | longest | shortest | tallest highest | lowest | richest | poorest | deepest | strongest | weakest | hottest | coldest | heaviest | lightest | nearest closest | farthest furthest
        best greatest | worst
        cheap inexpensive affordable | expensive costly
        big large huge | small tiny little
        good | bad
        high | low
        old ancient | new modern
        rich | poor
        safe | dangerous unsafe
        true | false
        before | after
        above | below
        inside | outside
        left | right
        north northern | south southern | east eastern | west western
        male man men boy | female woman women girl
        father dad | mother mom mum | brother | sister | son | daughter | husband | wife | uncle | aunt
        cause | effect consequence | symptom | treatment cure | prevention prevent | diagnosis
        advantage benefit pro pros upside | disadvantage drawback con cons downside
        difference differ | similarity similar
        input | output
        ascending | descending
        horizontal horizontally | vertical vertically
        width wide | height tall | length | depth deep | weight heavy
        speed | distance | area | volume | mass | temperature | pressure
        radius | diameter | circumference
        public | private
        local | remote
        client | server
        arrive arrival | depart departure leave
        win won | lose lost
        pass | fail
        positive | negative
        even | odd
        add sum | subtract | multiply | divide
        plus | minus
        singular | plural
        synonym | antonym
        uppercase | lowercase
        row | column
        front | back
        top | bottom
        domestic | international
        breakfast | lunch | dinner
        write wrote author written | publish | direct | produce | invent | discover | paint | steal stole | sing sang | found founded | translate
        cat | dog | horse | bird | fish | cow | chicken | rabbit
        red | blue | green | yellow | black | white | orange | purple | pink | brown
        screenshot | recording video
        married marry | divorced divorce
        born birth | died death die
        teacher | student
        employer | employee
        doctor | patient
        buyer | seller
        landlord | tenant
        child | adult
        sunrise | sunset
        inhale | exhale
        debit | credit
        profit | loss
        asset | liability
        internal | external
        healthy | unhealthy
        current present | former previous past
        previous | next upcoming
        always | never
        everything all | nothing none
        more | less fewer
        long | short
        fixed | variable
        hardware | software
        theory | practice
        victim | criminal
        question | answer
        gas | liquid | solid
        gain | lose
        attack | defend
        supply | demand
        mammal | reptile | insect
        sender send | receiver receive
        parent | child
        king | queen
        winter | summer
        ancestor | descendant
        sum | product
        mean average | median | mode
        stack | queue
        """);

    public string Name => "contrast";

    public bool Vetoes(TextPair pair)
        => Contrasts.Replaced(pair.Left, pair.Right, static token => token.Kind is TokenKind.Word) || OtherOwner(pair.Left, pair.Right) || OtherOwner(pair.Right, pair.Left);

    // My favourite colour is not your favourite colour; "how do I reset my" and "how do you reset your" are one.
    private static bool OtherOwner(QuestionText mine, QuestionText yours)
        => mine.HasWord("my") && !mine.HasWord("your") && yours.HasWord("your") && !yours.HasWord("my")
            && !mine.HasWord("i") && !mine.HasWord("me") && !yours.HasWord("you");
}
