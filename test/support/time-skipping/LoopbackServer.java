import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.temporal.api.workflowservice.v1.RespondWorkflowTaskCompletedRequest;
import io.temporal.internal.testservice.GRPCServerHelper;
import io.temporal.internal.testservice.TestServicesStarter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Temporal's time-skipping test server, fit for a test: its own main listens on every interface, and outlives its parent. */
final class LoopbackServer {
  private static final boolean TIME_LOCKED = true;
  private static final long FROM_NOW = 0;

  public static void main(String[] args) throws Exception {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
    var services = new TestServicesStarter(TIME_LOCKED, FROM_NOW).getServices();
    // Workers ask for a sign of life every 30 s, which gRPC takes for an attack where it has not been told otherwise.
    var builder = NettyServerBuilder.forAddress(address).permitKeepAliveTime(1, TimeUnit.SECONDS);
    GRPCServerHelper.registerServicesAndHealthChecks(services, builder, List.of(new NoStickyTasks()));
    var server = builder.build().start();
    // Named by the script that started us: by now a parent that was killed is no longer ours.
    ProcessHandle.of(Long.getLong("parent"))
        .ifPresentOrElse(parent -> parent.onExit().thenRun(() -> System.exit(0)), () -> System.exit(0));
    server.awaitTermination();
  }

  /**
   * Offers every task to all workers. A worker asks to be given the next tasks of a run that it has in memory; a real server
   * gives them to others after a while, this one waits for the worker for ever, dead or not.
   */
  private static final class NoStickyTasks implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      return new SimpleForwardingServerCallListener<Q>(next.startCall(call, headers)) {
        @Override
        @SuppressWarnings("unchecked")
        public void onMessage(Q message) {
          super.onMessage(
              message instanceof RespondWorkflowTaskCompletedRequest completed
                  ? (Q) completed.toBuilder().clearStickyAttributes().build()
                  : message);
        }
      };
    }
  }
}
