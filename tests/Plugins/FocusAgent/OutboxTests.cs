using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Signalling;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent;

/// <summary>What a conference sends, and does later.</summary>
public sealed class OutboxTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _done = [];
    private readonly Outbox _outbox;

    public OutboxTests() => _outbox = new(new Router(_done), Substitute.For<IIqClient>(), _time, work =>
    {
        work();
        return ValueTask.CompletedTask;
    }, NullLogger.Instance);

    [Fact]
    public void What_is_later_is_done_once_and_in_its_time()
    {
        _outbox.After(TimeSpan.FromSeconds(2), () => _done.Add("two"));
        _outbox.After(TimeSpan.FromSeconds(1), () => _done.Add("one"));
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Empty(_done);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["one"], _done);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(["one", "two"], _done);
    }

    [Fact]
    public void Nothing_is_done_later_once_the_conference_is_over()
    {
        _outbox.After(TimeSpan.FromSeconds(1), () => _done.Add("before"));
        _outbox.Close();
        _outbox.After(TimeSpan.FromSeconds(1), () => _done.Add("after"));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(_done);
    }

    [Fact]
    public async Task One_stanza_that_cannot_be_sent_does_not_take_the_others_with_it()
    {
        foreach (var id in new[] { "1", "2", "3" }) _outbox.Send(new Message(new Element("message", Ns.Client).Attr("id", id).Attr("to", "ann@example.org")));
        Assert.Empty(_done);
        await _outbox.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["1", "2", "3"], _done);
    }

    private sealed class Router(List<string> done) : IStanzaRouter
    {
        public ValueTask RouteAsync(Stanza stanza, CancellationToken ct = default)
        {
            done.Add(stanza.Id!);
            return stanza.Id == "2" ? throw new InvalidOperationException("There is no way.") : ValueTask.CompletedTask;
        }
    }
}
