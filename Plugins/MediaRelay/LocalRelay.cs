using Parley.Media.Control;

namespace Parley.Plugins.MediaRelay;

/// <summary>The relay of this process, as a focus sees it.</summary>
public sealed class LocalRelay(RelayHost host) : IMediaRelay
{
    /// <inheritdoc/>
    public string Epoch => host.Service.Epoch;

    /// <inheritdoc/>
    public RelayCapabilities Capabilities => host.Service.Capabilities;

    /// <inheritdoc/>
    public async Task<ConferenceState> ModifyConferenceAsync(ModifyConference request, CancellationToken ct = default) => await host.Service.ModifyConferenceAsync(request, ct);

    /// <inheritdoc/>
    public IAsyncEnumerable<RelayEvent> WatchAsync(CancellationToken ct = default) => host.Service.WatchAsync(ct);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, (long Bytes, TimeSpan Duration)>> RepairRecordingAsync(string directory, CancellationToken ct = default) => host.Service.RepairRecordingAsync(directory, ct);

    /// <inheritdoc/>
    public RelayLoad ReadLoad() => host.Service.ReadLoad();
}
