using Parley.Doctor.Network;

namespace Parley.Doctor.Steps;

/// <summary>A step of the way.</summary>
/// <param name="name">Its name, a stable word of docs/doctor.md.</param>
internal abstract class Step(string name)
{
    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>How long it may take.</summary>
    protected virtual TimeSpan Limit => TimeSpan.FromSeconds(10);

    /// <summary>Whether there is anything to try, after what was found so far.</summary>
    public virtual bool Applies(Chart chart) => true;

    /// <summary>Takes it.</summary>
    public async Task<IReadOnlyList<Finding>> TakeAsync(Chart chart, CancellationToken ct)
    {
        var findings = new Findings(name);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        over.CancelAfter(Limit);
        try
        {
            await RunAsync(chart, findings, over.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            findings.Fail(Causes.TimeLimit, $"this takes longer than {Limit.TotalSeconds:0} s: the server, or the way to it, is too slow for calls");
        }
        catch (ReachException e)
        {
            findings.Fail(Causes.BrokeOff, $"this broke off: {e.Message}");
        }

        return findings.All;
    }

    /// <summary>Does it.</summary>
    protected abstract Task RunAsync(Chart chart, Findings findings, CancellationToken ct);
}
