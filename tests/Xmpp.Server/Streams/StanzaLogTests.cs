using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Sessions;
using Parley.Xmpp.Server.Streams.Management;

namespace Parley.tests.Xmpp.Server.Streams;

/// <summary>XEP-0198 section 4: the two counters.</summary>
public sealed class StanzaLogTests
{
    private readonly StanzaLog _log = new(mostStanzas: 3, mostBytes: 1000);

    [Fact]
    public void What_is_acknowledged_is_heard_of_and_forgotten()
    {
        var told = new Told();
        Add("a", told);
        Add("b");
        Assert.Equal([told], _log.Acknowledge(1));
        Assert.Equal(["b"], Left());
        Assert.Empty(_log.Acknowledge(1));
        Assert.Empty(_log.Acknowledge(0)); // older than what is known
        Assert.Equal(["b"], Left());
        Assert.True(_log.IsPossible(2));
        Assert.False(_log.IsPossible(3));
    }

    [Fact]
    public void The_client_is_asked_once_until_it_answers()
    {
        Assert.False(_log.Ask());
        Add("a");
        Assert.True(_log.Ask());
        Add("b");
        Assert.False(_log.Ask());
        _log.Acknowledge(1);
        Assert.True(_log.Ask());
        _log.Acknowledge(2);
        Assert.False(_log.Ask());
        _log.MustAsk();
        Assert.True(_log.Ask());
        Assert.False(_log.Ask());
    }

    // As @xmpp/client does, which forgets what it counted before the stream's management was confirmed.
    [Fact]
    public void A_client_that_lost_count_is_not_asked_without_end()
    {
        Add("a");
        var asked = 0;
        for (; _log.Ask() && asked < 100; asked++) _log.Acknowledge(0);
        Assert.InRange(asked, 1, 3);
        // What is sent later is asked for, and what it counts then is taken.
        Add("b");
        Assert.True(_log.Ask());
        _log.Acknowledge(1);
        Assert.True(_log.Ask());
        Assert.Equal(["b"], Left());
    }

    [Fact]
    public void It_is_bounded_in_number_and_bytes()
    {
        foreach (var id in new[] { "a", "b", "c" })
        {
            Assert.True(_log.HasRoom);
            Add(id);
        }

        Assert.False(_log.HasRoom);
        _log.Acknowledge(3);
        Assert.True(_log.HasRoom);
        Add(new string('x', 2000)); // one passes whatever its size
        Assert.False(_log.HasRoom);
    }

    [Fact]
    public void What_is_renewed_counts_on_from_what_the_client_has()
    {
        foreach (var id in new[] { "a", "b", "c" }) Add(id);
        _log.Acknowledge(1);
        _log.Renew(left => [.. left.Where(l => l.Stanza.Id != "b")]);
        Assert.Equal(["c"], Left());
        Assert.Equal(2u, _log.Sent);
        Assert.False(_log.IsPossible(3));
        _log.Acknowledge(2);
        Assert.Empty(Left());
    }

    private void Add(string id, Delivery? delivery = null) => _log.Add(new Message(new Element("message", "jabber:client").Attr("id", id)), DateTimeOffset.UnixEpoch, delivery);

    private IEnumerable<string?> Left() => _log.Stanzas.Select(s => s.Id);

    private sealed class Told : Delivery
    {
        public override void Arrived() { }

        public override Stanza? Lost(Stanza stanza) => stanza;
    }
}
