using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>Opposites and neighbours that encoders hold for the same: enable and disable, largest and smallest, boiling and freezing, mine and yours.</summary>
public sealed class ContrastGuard : ISemanticGuard
{
    private static readonly SenseTable Contrasts = new("""
        enable activate | disable deactivate
        on | off
        start begin launch | stop end finish quit terminate | pause | restart | resume
        open | close shut
        increase raise grow rise gain | decrease reduce lower shrink fall drop decline lose
        maximum max maximize most | minimum min minimize least
        accept approve allow permit | decline reject refuse deny forbid block ban
        buy purchase | sell | rent | return | lease
        borrow | lend
        import | export
        encrypt | decrypt
        encode | decode
        compress | decompress unzip extract
        add insert append | remove delete drop | update edit modify | replace
        create make | delete remove destroy
        install | uninstall | upgrade | downgrade
        upload | download
        push | pull | fetch | merge | rebase
        lock | unlock
        login signin | logout signout
        connect | disconnect
        subscribe | unsubscribe
        cancel | renew
        show | hide
        attach | detach
        mount | unmount
        follow | unfollow
        freeze freezing | boil boiling | melt melting
        hot warm heat | cold cool
        wet | dry
        light bright | dark
        soft | hard
        raw | cooked
        fast quick | slow
        faster quicker | slower | cheaper | better | safer | easier | harder | worse | bigger larger greater | smaller | older | younger newer | longer | shorter | taller higher | lower
        fastest quickest | slowest | cheapest | best | safest | easiest | hardest | worst | biggest largest greatest | smallest | oldest | youngest newest latest | longest | shortest | tallest highest | lowest | richest | poorest | deepest
        cheap inexpensive affordable | expensive
        big large huge | small tiny little
        good | bad
        high | low
        old | new
        rich | poor
        safe | dangerous unsafe
        true | false
        before | after | during
        above over | below under
        inside | outside
        left | right
        north northern | south southern | east eastern | west western
        male man men boy | female woman women girl
        father dad | mother mom mum | brother | sister | son | daughter | husband | wife | uncle | aunt
        mine my | your | his | her hers | their | our
        cause reason | effect consequence result | symptom | treatment cure | prevention prevent
        advantage benefit pro pros upside | disadvantage drawback con cons downside
        difference differ | similarity similar
        input | output
        ascending | descending
        horizontal horizontally | vertical vertically
        width wide | height tall | length long | depth deep | weight heavy
        speed | distance | area | volume | mass | temperature
        public | private
        local | remote | global
        client | server
        arrive arrival | depart departure leave
        win | lose
        pass | fail
        win | tie
        positive | negative
        even | odd
        add sum | subtract | multiply | divide
        plus | minus | times
        singular | plural
        synonym | antonym
        uppercase | lowercase
        row | column
        front | back
        top | bottom
        question | answer
        domestic | international
        breakfast | lunch | dinner
        write author | publish | direct | produce | invent | discover | paint | steal | compose | sing | design | found
        cat | dog | horse | bird | fish
        red | blue | green | yellow | black | white | orange | purple | pink | brown
        screenshot | recording video
        married | divorced
        born birth | died death die
        gain | lose
        teacher | student
        employer | employee
        doctor | patient
        buyer | seller
        child | adult
        sunrise | sunset
        breathe inhale | exhale
        debit | credit
        profit | loss
        asset | liability
        internal | external
        legal | illegal
        possible | impossible
        healthy | unhealthy
        !current present | former previous past last | next upcoming future | original initial
        !only | except | also
        !without | with
        every each all | some | any
        !always | sometimes | never
        !used | unused
        !still | anymore | yet | already
        !again
        !alone
        !formal formally | informal informally
        !second | third
        """);

    public string Name => "contrast";

    public bool Vetoes(QuestionText cached, QuestionText asked)
        => Contrasts.Differ(cached, asked, static token => token.Kind is TokenKind.Word);
}
