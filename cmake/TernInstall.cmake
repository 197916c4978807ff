# TernInstall.cmake - what `cmake --install` gives: headers, libtern.so, libtern.a, tern.pc, the
# CMake package (tern::tern, tern::tern_static), the tern program,
# libtern_packetdrill.so. Its messages: TernProgram.cmake.

set_target_properties(tern_shared PROPERTIES
    OUTPUT_NAME tern EXPORT_NAME tern VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
set_target_properties(tern_static PROPERTIES OUTPUT_NAME tern EXPORT_NAME tern_static)
foreach(library tern_shared tern_static)
    target_include_directories(${library} INTERFACE
        $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endforeach()
add_library(tern::tern ALIAS tern_shared)
add_library(tern::tern_static ALIAS tern_static)

install(TARGETS tern_shared tern_static EXPORT ternTargets)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/tern DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "simulation.h" EXCLUDE PATTERN "*.h" PATTERN "*.def")
if(TARGET tern)
    install(TARGETS tern)
    install(TARGETS tern_packetdrill LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()

set(TERN_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/tern)
install(EXPORT ternTargets NAMESPACE tern:: DESTINATION ${TERN_CMAKE_DIR})
file(WRITE ${PROJECT_BINARY_DIR}/ternConfig.cmake
    "include(\${CMAKE_CURRENT_LIST_DIR}/ternTargets.cmake)\n")
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ternConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ternConfig.cmake ${PROJECT_BINARY_DIR}/ternConfigVersion.cmake
    DESTINATION ${TERN_CMAKE_DIR})

# tern.pc says where things are by where it lies itself, so that an installation may be moved.
set(TERN_PC_DIR ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH TERN_PC_TO_PREFIX ${TERN_PC_DIR} ${CMAKE_INSTALL_PREFIX})
file(RELATIVE_PATH TERN_PC_TO_LIB ${TERN_PC_DIR} ${CMAKE_INSTALL_FULL_LIBDIR})
file(RELATIVE_PATH TERN_PC_TO_INCLUDE ${TERN_PC_DIR} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
configure_file(${PROJECT_SOURCE_DIR}/cmake/tern.pc.in ${PROJECT_BINARY_DIR}/tern.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/tern.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
