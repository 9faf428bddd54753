using Parley.Media.Control;

namespace Parley.Plugins.FocusAgent.Conferences;

/// <summary>Compares what a conference needs of the relay with what the relay was last told.</summary>
/// <param name="conferenceId">The conference's id in the relay.</param>
public sealed class RelayReconciler(string conferenceId)
{
    private readonly Dictionary<string, EndpointSpec> _told = [];
    private bool _repeat;
    private RecordingSpec? _recording;
    private string? _epoch;

    /// <summary>The epoch of the last answer; null before the first.</summary>
    public string? Epoch => _epoch;

    /// <summary>The next request; null while the relay has everything.</summary>
    public ModifyConference? Plan(Conference conference)
    {
        var wanted = conference.Legs.Select(l => l.Describe(conference) with { Name = l.Participant.Name }).ToList();
        var changed = wanted.Where(w => _repeat || !_told.TryGetValue(w.Id, out var told) || !IsSame(w, told)).ToList();
        var expired = _told.Keys.Where(id => wanted.All(w => w.Id != id)).ToList();
        return changed.Count == 0 && expired.Count == 0 && conference.Recording == _recording ? null : new ModifyConference(conferenceId, changed, expired, Recording: conference.Recording);
    }

    /// <summary>The relay has done a request.</summary>
    public void Done(ModifyConference request, ConferenceState answer)
    {
        if (_epoch is not null && answer.Epoch != _epoch) _told.Clear(); // it restarted since: all that was told before is lost
        _epoch = answer.Epoch;
        _recording = request.Recording;
        _repeat = false;
        foreach (var id in request.ExpireEndpoints) _told.Remove(id);
        foreach (var endpoint in request.Endpoints) _told[endpoint.Id] = endpoint;
    }

    /// <summary>Everything is to be told again: events were missed, or the relay restarted.</summary>
    /// <param name="isRestarted">The relay has forgotten everything.</param>
    public void Repeat(bool isRestarted)
    {
        if (isRestarted)
        {
            _told.Clear();
            _recording = null;
        }

        _repeat = true;
    }

    /// <summary>Whether a request asks for a recording that the relay does not make yet.</summary>
    public bool AsksToRecord(ModifyConference request) => request.Recording is not null && request.Recording != _recording;

    /// <summary>The relay would not even end these endpoints: it does not have them.</summary>
    public void GiveUp(IEnumerable<string> endpoints)
    {
        foreach (var id in endpoints) _told.Remove(id);
    }

    /// <summary>The request that ends the conference; null if the relay knows nothing of it.</summary>
    public ModifyConference? PlanEnd() => _epoch is null ? null : new ModifyConference(conferenceId, [], [], Expire: true);

    // Legs keep the lists inside of each record until something changes, so that comparing them by reference tells.
    private static bool IsSame(EndpointSpec a, EndpointSpec b) =>
        a.AccountLabel == b.AccountLabel && a.Name == b.Name && a.Transports.SequenceEqual(b.Transports) && a.Tracks.SequenceEqual(b.Tracks) && a.Forwarders.SequenceEqual(b.Forwarders);
}
