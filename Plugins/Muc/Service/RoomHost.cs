using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Parley.Plugins.Muc.Rooms;
using Parley.Plugins.Muc.Storage;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Muc.Service;

/// <summary>
/// Drives one room: takes what comes to it in order, keeps what must be kept, then sends. What several people say at once is archived together.
/// </summary>
internal sealed class RoomHost
{
    // Stanzas that wait for a room: beyond that whoever brings one waits.
    private const int MostWaiting = 1000, MostAtOnce = 64;

    private readonly Channel<Func<ValueTask>> _work = Channel.CreateBounded<Func<ValueTask>>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly MucServices _services;
    private readonly RoomPersistence _persistence;
    private readonly RoomArchive _archive;
    private readonly RoomSender _sender;
    private readonly TokenBucket _joins;
    private readonly Func<ValueTask<Room>> _open;
    private readonly Func<RoomHost, bool> _retire;
    private readonly List<PreparedMessage> _pending = [];
    private Room? _room;

    /// <summary>Makes a host; its room is opened with the first piece of work.</summary>
    /// <param name="address">The room's bare address.</param>
    /// <param name="services">The world.</param>
    /// <param name="store">The database.</param>
    /// <param name="isStored">Whether the room is kept there.</param>
    /// <param name="open">Makes or reads the room.</param>
    /// <param name="retire">Ends the room, if nobody is about to bring it work; else false.</param>
    public RoomHost(Jid address, MucServices services, RoomStore store, bool isStored, Func<ValueTask<Room>> open, Func<RoomHost, bool> retire)
    {
        (Address, _services, _open, _retire) = (address, services, open, retire);
        _persistence = new RoomPersistence(services, store, isStored);
        _archive = new RoomArchive(address, services);
        _sender = new RoomSender(services, GiveUp);
        _joins = new TokenBucket(services.Clock);
        Completion = Task.Run(RunAsync);
    }

    /// <summary>The room's bare address.</summary>
    public Jid Address { get; }

    /// <summary>What others may know; null until the room is open.</summary>
    public RoomSummary? Summary { get; private set; }

    /// <summary>How many clients are there.</summary>
    public int SessionCount { get; private set; }

    /// <summary>Completes when the room has ended and all its work is done.</summary>
    public Task Completion { get; }

    /// <summary>Brings a stanza, waiting for room; false if the room has ended.</summary>
    /// <param name="stanza">The stanza.</param>
    /// <param name="taken">Called once the room looks at it.</param>
    /// <param name="ct">Gives up waiting.</param>
    public ValueTask<bool> PostAsync(Stanza stanza, Action taken, CancellationToken ct) => WriteAsync(
        () =>
        {
            taken();
            return TakeAsync(stanza);
        },
        ct);

    /// <summary>Brings other work; false if the room has ended.</summary>
    public ValueTask<bool> PostAsync(Func<Room, ValueTask> work, CancellationToken ct) => WriteAsync(
        async () =>
        {
            await FlushAsync();
            await work(await OpenAsync());
            await FinishAsync(null);
        },
        ct);

    /// <summary>Asks the room something that changes nothing; null if it has ended.</summary>
    /// <param name="question">The question.</param>
    /// <param name="taken">Called once the room looks at it.</param>
    /// <param name="ct">Gives up waiting.</param>
    /// <exception cref="Exception">The room cannot be opened.</exception>
    public async ValueTask<T?> AskAsync<T>(Func<Room, T> question, Action taken, CancellationToken ct) where T : class
    {
        var answer = new TaskCompletionSource<T?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isTaken = await WriteAsync(
            async () =>
            {
                taken();
                try
                {
                    answer.SetResult(question(await OpenAsync()));
                }
                catch (Exception e)
                {
                    answer.SetException(e);
                }
            },
            ct);
        return isTaken ? await answer.Task.WaitAsync(ct) : null;
    }

    /// <summary>Puts everybody out and ends.</summary>
    public async ValueTask CloseAsync(CancellationToken ct)
    {
        await PostAsync(r => Then(r.Close), ct);
        _work.Writer.TryComplete();
    }

    // Who does not read is out, once the room comes to it.
    private void GiveUp(Jid full) => _ = PostAsync(r => Then(() => r.Drop(full)), CancellationToken.None).AsTask();

    private static ValueTask Then(Action action)
    {
        action();
        return default;
    }

    private async ValueTask<bool> WriteAsync(Func<ValueTask> work, CancellationToken ct)
    {
        try
        {
            await _work.Writer.WriteAsync(work, ct);
            return true;
        }
        catch (ChannelClosedException)
        {
            return false;
        }
    }

    private async Task RunAsync()
    {
        while (await _work.Reader.WaitToReadAsync())
        {
            for (var taken = 0; taken < MostAtOnce && _work.Reader.TryRead(out var work); taken++) await GuardAsync(work);
            await GuardAsync(FlushAsync);
            await GuardAsync(EndIfOverAsync);
        }
    }

    private async ValueTask GuardAsync(Func<ValueTask> work)
    {
        try
        {
            await work();
        }
        catch (Exception e)
        {
            _services.Logger.LogError(e, "A chat room failed");
        }
    }

    private async ValueTask<Room> OpenAsync()
    {
        if (_room is null)
        {
            _room = await _open();
            Begin();
            if (_persistence.IsStored) _room.Remember(await _archive.ReadLatestAsync(_services.Options.MaxHistory));
        }

        Begin();
        return _room;
    }

    private void Begin() => _room!.Begin(_services.Clock.GetUtcNow(), _services.Rules, _services.Archive is not null, _services.StandIns);

    private async ValueTask TakeAsync(Stanza stanza)
    {
        // What was said waits no longer than until something else comes: then everybody is told first.
        if (stanza is not Message { Type: "groupchat" }) await FlushAsync();
        try
        {
            var room = await OpenAsync();
            switch (stanza)
            {
                case Message { Type: "groupchat" } message when IsTooMuch(message.From!):
                    room.Refuse(message, new StanzaError(StanzaCondition.ResourceConstraint, StanzaErrorType.Wait, "You say too much at once."));
                    break;
                case Message message:
                    if (room.OnMessage(message) is { } said) _pending.Add(said);
                    break;
                case Presence presence:
                    if (IsTooFast(presence)) room.Refuse(presence, new StanzaError(StanzaCondition.ResourceConstraint, StanzaErrorType.Wait, "Too many enter at once."));
                    else room.OnPresence(presence);
                    break;
                case Iq iq when RoomArchive.IsAsked(iq):
                    _archive.Answer(iq, room);
                    break;
                case Iq iq:
                    var isArchived = Room.ArchivedTargetOf(iq) is { } target && room.IsArchived && await _archive.FindAsync(target) is not null;
                    if (room.OnIq(iq, isArchived) is { } moderation) _pending.Add(moderation);
                    break;
            }
        }
        catch (Exception e)
        {
            _services.Logger.LogError(e, "A chat room failed");
            if (!stanza.IsError && stanza is not Iq { IsRequest: false }) _sender.Send([stanza.ErrorReply(new StanzaError(StanzaCondition.InternalServerError))]);
        }

        await FinishAsync(stanza);
    }

    private bool IsTooFast(Presence presence)
    {
        // To enter again, or by another name, costs the room as much as to enter.
        if (!presence.IsAvailable) return false;
        if (_room!.IsThere(presence.From!) && !_room.IsEntering(presence)) return IsTooMuch(presence.From!);
        var (account, options) = (presence.From!.Bare, _services.Options);
        if (!_services.Joins.TryPass(account, options.JoinsPerMinutePerAccount))
        {
            _services.Floods.Tell(account, Address, "enters rooms too often and is refused (Plugins:Muc:JoinsPerMinutePerAccount)");
            return true;
        }

        // Strangers who come in numbers keep no member out.
        if (_room.AffiliationOf(account) >= Affiliation.Member || _joins.TryPass(options.JoinsPerMinutePerRoom)) return false;
        _services.Floods.Tell(account, Address, "too many enter the room, and those who are no members are refused (Plugins:Muc:JoinsPerMinutePerRoom)");
        return true;
    }

    // All that goes to everybody: who is there may cost the room so much.
    private bool IsTooMuch(Jid from)
    {
        if (_services.Sayings.TryPass(from.Bare, _services.Options.MessagesPerMinutePerAccount)) return false;
        _services.Floods.Tell(from.Bare, Address, "says too much at once and is refused (Plugins:Muc:MessagesPerMinutePerAccount)");
        return true;
    }

    // Archives what was said, then lets everybody hear it.
    private async ValueTask FlushAsync()
    {
        if (_pending.Count == 0) return;
        PreparedMessage[] said = [.. _pending];
        _pending.Clear();
        Begin();
        var ids = await _archive.AddAsync(said, _services.Clock.GetUtcNow());
        for (var i = 0; i < said.Length; i++)
        {
            if (ids is null) _room!.Fail(said[i]);
            else _room!.Reflect(said[i], ids[i].Id, ids[i].IsDuplicate);
        }

        await FinishAsync(null);
    }

    private async ValueTask FinishAsync(Stanza? cause)
    {
        if (_room is not { } room) return;
        room.Settle();
        var (stanzas, changes) = room.Out.Take();
        foreach (var saying in changes.Sayings) TellStandIn(saying);
        await AttemptAsync(() => _archive.RetractAsync(changes.Tombstones));
        if (!await _persistence.KeepAsync(room, changes) && cause is Iq { IsRequest: true } request)
        {
            stanzas = [.. stanzas.Where(s => s is not Iq { Type: "result" } || s.Id != request.Id), request.ErrorReply(new StanzaError(StanzaCondition.InternalServerError))];
        }

        (Summary, SessionCount) = (room.Summary, room.SessionCount);
        _services.Observers.Tell(room, changes);
        if (changes.IsDestroyed)
        {
            // Whoever is on the way already finds another room, or none.
            _room = null;
            await AttemptAsync(_archive.RemoveAsync);
        }

        _sender.Send(stanzas);
    }

    // What another plugin does of it is not the room's fault.
    private void TellStandIn(Saying saying)
    {
        try
        {
            if (saying.IsSaid) saying.Offer.OnSaying(Address, saying.Client);
            else saying.Offer.OnSilent(Address, saying.Client);
        }
        catch (Exception e)
        {
            _services.Logger.LogError(e, "A stand-in could not be told of a client");
        }
    }

    // What the archive cannot do must not keep from anybody what was said, nor bring back a room that was destroyed.
    private async ValueTask AttemptAsync(Func<ValueTask> step)
    {
        try
        {
            await step();
        }
        catch (Exception e)
        {
            _services.Logger.LogError(e, "A chat room's archive could not be changed");
        }
    }

    // A room that does not stay ends with its last occupant, and with it what was said: the next of that name is another.
    private async ValueTask EndIfOverAsync()
    {
        // Without one it was destroyed, or could not be read: what is in the database is not over.
        if (_room is { } room ? !room.IsEmpty || room.IsKept : _persistence.IsStored) return;
        if (_work.Reader.Count > 0) return;
        await _archive.RemoveAsync();
        if (_retire(this)) _work.Writer.TryComplete();
    }
}
