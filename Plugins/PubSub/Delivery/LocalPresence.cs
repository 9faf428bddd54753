using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Plugins.PubSub.Caps;
using Parley.Plugins.PubSub.Operations;
using Parley.Plugins.PubSub.Storage;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.PubSub.Delivery;

/// <summary>Sees this server's sessions come, change what they want to hear, and go.</summary>
internal sealed class LocalPresence(Interests interests, LastItems lastItems, PubSubEngine engine, ISessionDirectory sessions, ILogger<LocalPresence> log) : IPresenceInterceptor, IDisposable
{
    private static readonly IReadOnlySet<string> Nothing = new HashSet<string>();

    // By session: what it was greeted for. The server says unavailable for every session that ends.
    private readonly ConcurrentDictionary<string, Greeted> _greeted = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _ending = new();

    /// <inheritdoc/>
    public async ValueTask<Interception> OnPresenceAsync(Presence presence, StanzaContext context, CancellationToken ct)
    {
        if (context is not { Sender.Kind: SenderKind.Account, Session: { } session } || presence.To is not null) return Interception.Continue;
        if (presence.IsAvailable)
        {
            var claim = CapsClaim.Of(presence);
            if (_greeted.TryGetValue(session.Id, out var before) && before.Claim == claim) return Interception.Continue;
            _greeted[session.Id] = new Greeted(claim, before?.Wishes ?? Nothing);
            if (claim is not null) _ = GreetAsync(session, presence, _ending.Token); // it may have to be asked, which its own stanzas do not wait for
        }
        else if (presence.Type == "unavailable")
        {
            _greeted.TryRemove(session.Id, out _);
            interests.Forget(session.Jid);
            if (!sessions.Of(session.Jid.Bare).Any(s => s.Id != session.Id && s.IsAvailable)) await PurgeAsync(session.Jid, ct);
        }

        return Interception.Continue;
    }

    /// <summary>Gives up what is being asked.</summary>
    public void Dispose()
    {
        _ending.Cancel();
        _ending.Dispose();
    }

    private async Task GreetAsync(ISession session, Presence presence, CancellationToken ct)
    {
        try
        {
            var wishes = await interests.LearnAsync(session.Jid, presence, session.Jid.Bare, ct);
            // It may be gone, or have said something else meanwhile, for which it is greeted apart.
            if (!_greeted.TryGetValue(session.Id, out var now) || now.Claim != CapsClaim.Of(presence)) return;
            _greeted.TryUpdate(session.Id, now with { Wishes = wishes }, now);
            await lastItems.SendAsync(session.Jid, now.Wishes.Count == 0 ? wishes : wishes.Except(now.Wishes).ToHashSet(StringComparer.Ordinal), ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The plugin is being unloaded.
        }
        catch (Exception e)
        {
            log.LogError(e, "Sending last items to a session failed");
        }
    }

    private async ValueTask PurgeAsync(Jid resource, CancellationToken ct)
    {
        var service = new Service(resource.Bare, true);
        var nodes = await engine.ReadAsync(c => NodeTable.PurgedOffline(c, service.Address), ct);
        if (nodes.Count == 0) return;
        var scene = await engine.SceneAsync(service, resource, SenderKind.Account, ct);
        foreach (var node in nodes) await engine.WriteAsync(scene, c => Removal.Purge(c, scene, node.Name), ct);
    }

    private sealed record Greeted(CapsClaim? Claim, IReadOnlySet<string> Wishes);
}
