using System.Collections.Concurrent;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.tests.Xmpp.Server.Routing;

/// <summary>A component that keeps what it receives.</summary>
internal sealed class FakeComponent : IComponent
{
    public ConcurrentQueue<(Stanza Stanza, StanzaContext Context)> Received { get; } = new();

    public Func<Stanza, Task>? OnStanza { get; set; }

    public DiscoInfo Info { get; set; } = new([new DiscoIdentity("conference", "audio-video", "Calls")], ["urn:test:component"]);

    public async ValueTask OnStanzaAsync(Stanza stanza, StanzaContext context, CancellationToken ct)
    {
        Received.Enqueue((stanza, context));
        if (OnStanza is { } act) await act(stanza);
    }

    public DiscoInfo? Describe(Jid address, string? node) =>
        address.Local is null or "room" && node is null ? Info : null;

    public IReadOnlyList<DiscoItem> Items(Jid address, string? node) => address.Local is null ? [new DiscoItem("room@" + address.Domain, "Room")] : [];

    public async Task<Stanza> NextAsync()
    {
        for (var i = 0; i < 500; i++)
        {
            if (Received.TryDequeue(out var one)) return one.Stanza;
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        throw new TimeoutException("The component received nothing.");
    }
}
