using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Server.Protection;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.Xmpp.Server.Streams;

/// <summary>What keeps one client from others' notice: how much it sends, and its place among the connections of its address.</summary>
internal sealed partial class ClientStream
{
    private static NegotiationStep TooManyStreams => new NegotiationStep.Fail(new StreamError(StreamConditions.PolicyViolation, "Too many streams from one address."));

    // Who it is, as the log names it.
    private object? Whom => _session is { } session ? session.Jid.Bare : RemoteAddress;

    private void MakeRoom() => Close(StreamConditions.PolicyViolation, "Too many connections from one address have not logged in.");

    private void BecomeBound(Identity identity)
    {
        _watch.Bound();
        var paces = _context.Guards.Paces;
        _share = identity.Kind == SenderKind.Guest ? paces.JoinGuest(identity.Bare, RemoteAddress) : paces.JoinAccount(identity.Bare);
        _pace = _share.Pace;
    }

    private ValueTask ArrivedAsync(int bytes) => _pace.Arrived(bytes) is { Ticks: > 0 } wait ? SlowDownAsync(wait) : ValueTask.CompletedTask;

    // Nothing is refused: what is not read waits at the client, whose TCP tells it so.
    private async ValueTask SlowDownAsync(TimeSpan wait)
    {
        _context.Guards.Log.Tell(MetLimit.Pace, _share?.Key ?? Whom);
        await Task.Delay(wait, _context.Time, _abort.Token);
    }
}
